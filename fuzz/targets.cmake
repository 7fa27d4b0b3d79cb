# firebreak_fuzz(NAME LIBS …), one line each, sorted.
firebreak_fuzz(command LIBS firebreak_secret)
firebreak_fuzz(compose LIBS firebreak_collect)
firebreak_fuzz(docker_answers LIBS firebreak_collect)
firebreak_fuzz(endpoint LIBS firebreak_collect)
firebreak_fuzz(policy LIBS firebreak_policy)
firebreak_fuzz(report LIBS firebreak_report)
firebreak_fuzz(snapshot LIBS firebreak_snapshot)
firebreak_fuzz(value LIBS firebreak_secret)
