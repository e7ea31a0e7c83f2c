// The Swift runtime's reporter of crashes is a matter of programs, not of a library in one, and takes 90 KB.
// In release builds these stand in for what refers to it: settings that are all zero, which says "off", and
// the one function that every Swift program is linked to, for the reporter's sake alone.

#ifdef LMSTUDIO_NO_CRASH_REPORTER
extern "C" char _swift_backtraceSettings[256] = {};

extern "C" bool _swift_backtrace_isThunkFunction(const char *) { return false; }
#endif
