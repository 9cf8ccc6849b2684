// A team of threads that run the same program and share its loops.
//
// Every thread walks through the same sequence of shared loops. The indices of a loop are claimed one by one from a
// counter, and a loop is over when its last index is done, not when every thread has arrived: a thread that the system
// has put aside holds up nobody, and finds on its return that the others have moved on. Which thread does an index never
// changes its result, so results are the same for any number of threads.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>
#include <vector>

namespace ranvier {

class ThreadTeam {
  public:
    explicit ThreadTeam(int threads);
    ~ThreadTeam();
    ThreadTeam(const ThreadTeam&) = delete;
    ThreadTeam& operator=(const ThreadTeam&) = delete;

    int size() const;

    // Calls program(context, thread) once on each thread, the caller being thread 0; returns when all have returned.
    // At most `threads` of the team take part.
    using Program = void (*)(void* context, int thread);
    void run(Program program, void* context, int threads);

    // The claims of one shared loop. `loop` counts the loops of this run from 0, on each thread for itself.
    // An index, or -1 when none is left to claim.
    int claim(uint32_t loop, int count);
    // True for the thread that finished the last index: it may do the loop's closing work, and must then call open_next.
    bool finish(int count);
    void open_next(uint32_t loop);
    void wait_until_over(uint32_t loop);

  private:
    void serve(int thread);
    int start_helpers(int wanted);

    const int size_;
    const int process_;
    std::vector<std::thread> helpers_;
    std::mutex mutex_;
    std::condition_variable wake_;
    uint64_t round_ = 0;  // counts the runs; guarded by mutex_, as the four below
    Program program_ = nullptr;
    void* context_ = nullptr;
    int active_ = 1;
    bool closing_ = false;

    alignas(64) std::atomic<uint64_t> ticket_{0};  // loop in the upper half, next index in the lower
    alignas(64) std::atomic<int> done_{0};
    alignas(64) std::atomic<int> working_{0};
};

}  // namespace ranvier
