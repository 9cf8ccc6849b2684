// A call into the engine: without Python's lock, in a workspace that no other call is in, and ended by Ctrl-C.
#pragma once

#include <nanobind/nanobind.h>

#include <optional>

#include "machine/workspace.h"

namespace ranvier::bindings {

// Gives up Python's lock for as long as it lives. A daemon thread that is in the engine when the interpreter ends never
// gets it back: it sleeps until the process is gone, as Python 3.14 has it. (Until then Python ends such a thread by
// unwinding its stack, and the functions of C++ on it do not allow that: the process would abort.)
class WithoutLock {
  public:
    WithoutLock() : thread_(PyEval_SaveThread()) {}
    ~WithoutLock();
    WithoutLock(const WithoutLock&) = delete;
    WithoutLock& operator=(const WithoutLock&) = delete;

  private:
    PyThreadState* const thread_;
};

// Asks Python to report its end. To be called once, when the module is imported.
void watch_interpreter_exit();

// In the main thread, signals are handled ten times a second while a loop of the engine runs. Where their handler
// raises, as that of Ctrl-C does, the loop ends early, and finish() throws what was raised.
class EngineCall {
  public:
    explicit EngineCall(Workspace* shared);

    Workspace& workspace() { return lease_.workspace(); }
    // Takes Python's lock again.
    void finish();

  private:
    Lease lease_;
    std::optional<WithoutLock> without_lock_;
};

}  // namespace ranvier::bindings
