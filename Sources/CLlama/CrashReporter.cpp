// The Swift runtime's reporter of crashes takes 90 KB of the library, and reports by a helper
// program that is not where we are installed. In release builds these stand in for what refers to
// it: settings that are all zero, which says "off", and the one function that every Swift program
// is linked to, for the reporter's sake alone.

#ifdef LMSTUDIO_NO_CRASH_REPORTER
extern "C" char _swift_backtraceSettings[256] = {};

extern "C" bool _swift_backtrace_isThunkFunction(const char *) { return false; }
#endif
