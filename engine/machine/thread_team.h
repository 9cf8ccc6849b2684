// A team of threads that share the indices of a loop.
//
// The caller runs its program alone, from top to bottom, and offers the team one loop after the other. Helpers do
// nothing but claim indices of the loop that is open. Each thread has a range of its own, the same share of every loop
// of the same length, so that what it wrote last is still in its cache; who is done with his own range takes from the
// others'. A loop is over when its last index is done: a helper that the system has put aside between two indices holds
// up nobody, and one that is put aside within an index is waited for once and then left alone for a while.
// Where the caller is quicker alone (adaptive_threading.h), it offers nothing.
//
// Which thread does an index never changes its result, so results are the same for any number of threads.
#pragma once

#include <atomic>
#include <cstdint>

#include "machine/adaptive_threading.h"

namespace ranvier {

// A question that the caller asks between two indices, ten times a second at most: whether to stop.
class Interruption {
  public:
    using Poll = bool (*)();

    // For the call that begins; null: it is never asked.
    void begin(Poll poll);
    // While held, there is no poll: a loop that would leave things half done.
    __attribute__((always_inline)) void hold(bool held) { held_ = held; }
    // By the caller alone. Once it was true, it stays true until the next call begins.
    bool asked_to_stop();
    // By any thread.
    __attribute__((always_inline)) bool stopped() const { return stopped_.load(std::memory_order_relaxed); }

  private:
    Poll poll_ = nullptr;
    bool held_ = false;
    int64_t last_ = 0;  // nanoseconds of a clock that is cheap to read
    std::atomic<bool> stopped_{false};
};

class ThreadTeam {
  public:
    explicit ThreadTeam(int threads);
    ~ThreadTeam();
    ThreadTeam(const ThreadTeam&) = delete;
    ThreadTeam& operator=(const ThreadTeam&) = delete;

    int size() const { return size_; }

    // To be called when work begins: starts the helpers that are missing, in the child of a fork too.
    void ensure_started();

    // body(context, i, thread) once for every i below count, the caller being thread 0; returns when all are done.
    using Body = void (*)(const void* context, int index, int thread);
    // Once the caller is asked to stop, indices are passed over, those of later loops too: see interruption().
    void run(Body body, const void* context, int count);

    __attribute__((always_inline)) Interruption& interruption() { return interruption_; }
    __attribute__((always_inline)) bool stopped() const { return interruption_.stopped(); }

    // For a test of the counter's end: as if so many loops had been run.
    void skip_loops(uint32_t count);

  private:
    struct Crew;  // the threads, and what they look at

    bool caller_is_alone() const;
    bool goes_alone(Body body, int count, int64_t now);
    void finish_loop(int64_t began, int done_here);
    void go_alone_for_a_while(int64_t now);

    const int size_;
    Crew* crew_ = nullptr;
    // Nanoseconds of the steady clock.
    int64_t alone_until_ = 0;
    int64_t pause_ = 0;
    AdaptiveThreading adaptive_;
    Interruption interruption_;
};

}  // namespace ranvier
