# firebreak_fuzz(NAME LIBS …), one line each, sorted.
