# firebreak_fuzz(NAME LIBS …), one line each, sorted.
firebreak_fuzz(endpoint LIBS firebreak_collect)
firebreak_fuzz(policy LIBS firebreak_policy)
firebreak_fuzz(report LIBS firebreak_report)
