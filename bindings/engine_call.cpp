#include "engine_call.h"

#include <pthread.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <thread>

#if defined(__linux__)
#include <sys/syscall.h>
#endif

namespace nb = nanobind;

namespace ranvier::bindings {

namespace {

// Python ends in one thread. Others may be on their way from the engine to the lock: each says so, and looks then
// whether the end has begun. So at the end nobody is on that way who has not seen it.
std::atomic<bool> ending{false};
std::atomic<std::thread::id> ending_thread{};
std::atomic<int> returning{0};

[[noreturn]] void sleep_for_ever() {
    while (true) std::this_thread::sleep_for(std::chrono::hours(1));
}

void begin_end() {
    ending_thread = std::this_thread::get_id();
    ending = true;
    PyThreadState* const thread = PyEval_SaveThread();
    while (returning > 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    PyEval_RestoreThread(thread);
}

bool is_main_thread() {
#if defined(__linux__)
    static thread_local const bool is_main = syscall(SYS_gettid) == getpid();
    return is_main;
#elif defined(__APPLE__)
    return pthread_main_np() == 1;
#else
    return false;
#endif
}

// Whether a signal's handler has raised. What it raised stays with the thread until finish().
bool handle_signals() {
    const PyGILState_STATE state = PyGILState_Ensure();
    const bool raised = PyErr_CheckSignals() != 0;
    PyGILState_Release(state);
    return raised;
}

}  // namespace

WithoutLock::~WithoutLock() {
    ++returning;
    if (ending && ending_thread.load() != std::this_thread::get_id()) {
        --returning;
        sleep_for_ever();
    }
    PyEval_RestoreThread(thread_);
    --returning;
}

void watch_interpreter_exit() {
    nb::module_::import_("atexit").attr("register")(nb::cpp_function(begin_end));
    pthread_atfork(nullptr, nullptr, [] { returning = 0; });  // the threads that it counts are not in the child
}

EngineCall::EngineCall(Workspace* shared) : lease_(shared), without_lock_(std::in_place) {
    workspace().team.interruption().begin(is_main_thread() ? handle_signals : nullptr);
}

void EngineCall::finish() {
    without_lock_.reset();
    if (workspace().team.stopped()) throw nb::python_error();
}

}  // namespace ranvier::bindings
