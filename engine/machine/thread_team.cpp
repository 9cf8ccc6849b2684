#include "machine/thread_team.h"

#include <time.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <system_error>
#include <thread>
#include <vector>

#if defined(__linux__)
#include <pthread.h>
#include <sched.h>
#endif
#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace ranvier {

namespace {

void pause() {
#if defined(__x86_64__)
    _mm_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

int64_t now() {
    using namespace std::chrono;
    return duration_cast<nanoseconds>(steady_clock::now().time_since_epoch()).count();
}

// To the next few milliseconds, in a fifth of the time that an exact clock takes.
int64_t about_now() {
#if defined(CLOCK_MONOTONIC_COARSE)
    timespec time;
    clock_gettime(CLOCK_MONOTONIC_COARSE, &time);
    return int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
#else
    return now();
#endif
}

#if defined(__linux__)
int processor() { return sched_getcpu(); }

// Lets the helpers run where the caller may, except on the processor it is on. Left to itself Linux likes to wake a
// helper beside its caller, and in a virtual machine it takes a sleeping processor for a busy one: the two would then
// share one processor for many milliseconds while the other sleeps.
void keep_off(int processor, std::vector<std::thread>& helpers) {
    cpu_set_t others;
    if (sched_getaffinity(0, sizeof others, &others) != 0) return;
    CPU_CLR(processor, &others);
    if (CPU_COUNT(&others) == 0) return;
    for (std::thread& helper : helpers) pthread_setaffinity_np(helper.native_handle(), sizeof others, &others);
}
#else
int processor() { return -1; }
void keep_off(int, std::vector<std::thread>&) {}
#endif

// A helper's patience for the next loop, some 50 us, before it sleeps. With four times as much it has often used up its
// turn when work comes, where it shares a processor with another program, and is put aside in the middle: W2 took 1.2
// to 1.8 times as long as with one thread. Where nobody else works, more of it gains nothing measurable.
constexpr int kIdleSpins = 2000;
constexpr int kWaitSpins = 64;  // the caller's, before it looks at the clock
constexpr int64_t kMicrosecond = 1000, kMillisecond = 1000 * kMicrosecond;
constexpr int64_t kLongWait = 50 * kMicrosecond;  // beyond what an index takes
constexpr int64_t kNap = 50 * kMicrosecond;
constexpr int64_t kShortestPause = 2 * kMillisecond, kLongestPause = 256 * kMillisecond;

// A loop's number above, and below it how many indices it has, or the next one to claim.
uint64_t pack(uint32_t loop, int low) { return (uint64_t{loop} << 32) | static_cast<uint32_t>(low); }
uint32_t loop_in(uint64_t packed) { return static_cast<uint32_t>(packed >> 32); }
int low_in(uint64_t packed) { return static_cast<int>(packed & 0xffffffffu); }

constexpr int kNothingLeft = 0x7fffffff;

struct alignas(64) Range {
    std::atomic<uint64_t> next{0};
};

}  // namespace

// The caller writes `body` and `context`, then `open`, and nothing again until every index of that loop is done. So a
// thread that has claimed an index holds what belongs to it, and one that has not uses nothing it read.
struct ThreadTeam::Crew {
    const pid_t process = getpid();
    std::vector<std::thread> helpers;
    int caller = -1;                  // the processor that the helpers keep off
    std::unique_ptr<Range[]> ranges;  // one a thread

    std::atomic<Body> body{nullptr};
    std::atomic<const void*> context{nullptr};
    std::atomic<int> threads{1};
    std::atomic<bool> closing{false};
    alignas(64) std::atomic<uint64_t> open{0};  // the loop that is open, and its count
    alignas(64) std::atomic<int> left{0};       // indices of it that are not done
    Interruption& interruption;

    Crew(int size, Interruption& interruption_)
        : ranges(new Range[static_cast<size_t>(size)]), interruption(interruption_) {}

    // Between two loops: ranges show the last loop with nothing left. One that was untouched for 2^31 loops would
    // otherwise read as newer than the next.
    void forget_loops() {
        const uint32_t last = loop_in(open.load(std::memory_order_relaxed));
        const int team = 1 + static_cast<int>(helpers.size());
        for (int i = 0; i < team; ++i) ranges[i].next.store(pack(last, kNothingLeft), std::memory_order_release);
    }

    void open_loop(int count) {
        left.store(count, std::memory_order_relaxed);
        const uint32_t next = loop_in(open.load(std::memory_order_relaxed)) + 1;
        open.store(pack(next, count), std::memory_order_release);
        open.notify_all();
    }

    // An index from the range of `owner`, or -1 when none of this loop is left there.
    int claim(uint64_t loop, int owner, int team) {
        const int64_t count = low_in(loop);
        const int begin = static_cast<int>(count * owner / team), end = static_cast<int>(count * (owner + 1) / team);
        std::atomic<uint64_t>& next = ranges[owner].next;
        uint64_t seen = next.load(std::memory_order_acquire);
        while (true) {
            // Loops are counted modulo 2^32. Where the range has not been touched in this loop, it shows an older one.
            const int32_t ahead = static_cast<int32_t>(loop_in(seen) - loop_in(loop));
            const int index = ahead < 0 ? begin : low_in(seen);
            if (ahead > 0 || index >= end) return -1;
            if (next.compare_exchange_weak(seen, pack(loop_in(loop), index + 1), std::memory_order_acq_rel))
                return index;
        }
    }

    // Does indices of the loop until none is left to claim, its own first; returns how many.
    int work(uint64_t loop, int thread) {
        const Body body_ = body.load(std::memory_order_relaxed);
        const void* const context_ = context.load(std::memory_order_relaxed);
        const int team = threads.load(std::memory_order_relaxed);
        int done = 0;
        for (int turn = 0; turn < team; ++turn) {
            const int owner = (thread + turn) % team;
            for (int i; (i = claim(loop, owner, team)) >= 0; ++done) {
                const bool stop = thread == 0 ? interruption.asked_to_stop() : interruption.stopped();
                if (!stop) body_(context_, i, thread);
            }
        }
        if (done > 0) left.fetch_sub(done, std::memory_order_acq_rel);
        return done;
    }

    void serve(int thread) {
        uint64_t served = 0;
        while (true) {
            uint64_t loop = open.load(std::memory_order_acquire);
            for (int spins = 0; loop == served && spins < kIdleSpins; ++spins) {
                pause();
                loop = open.load(std::memory_order_acquire);
            }
            if (loop == served) {
                open.wait(served, std::memory_order_acquire);
                continue;
            }
            if (closing.load(std::memory_order_relaxed)) return;
            work(loop, thread);
            served = loop;
        }
    }
};

void Interruption::begin(Poll poll) {
    poll_ = poll;
    held_ = false;
    if (poll_) last_ = about_now();
    stopped_.store(false, std::memory_order_relaxed);
}

bool Interruption::asked_to_stop() {
    constexpr int64_t kBetween = 100 * kMillisecond;
    if (stopped()) return true;
    if (!poll_ || held_) return false;
    if (const int64_t now = about_now(); now - last_ >= kBetween) {
        last_ = now;
        stopped_.store(poll_(), std::memory_order_relaxed);
    }
    return stopped();
}

ThreadTeam::ThreadTeam(int threads) : size_(threads < 1 ? 1 : threads) {}

ThreadTeam::~ThreadTeam() {
    // A forked child has a copy of the crew but not its threads: it can only be forgotten.
    if (!crew_ || crew_->process != getpid()) return;
    crew_->closing.store(true, std::memory_order_relaxed);
    crew_->open_loop(0);
    for (std::thread& helper : crew_->helpers) helper.join();
    delete crew_;
}

void ThreadTeam::ensure_started() {
    if (size_ == 1) return;
    if (crew_ && crew_->process == getpid()) return crew_->forget_loops();
    crew_ = new Crew(size_, interruption_);
    alone_until_ = pause_ = 0;
    adaptive_ = AdaptiveThreading();
    try {
        for (int thread = 1; thread < size_; ++thread)
            crew_->helpers.emplace_back([crew = crew_, thread] { crew->serve(thread); });
    } catch (const std::system_error&) {  // the system grants no more: those there are do the work
    }
    crew_->threads.store(1 + static_cast<int>(crew_->helpers.size()), std::memory_order_relaxed);
}

bool ThreadTeam::caller_is_alone() const { return !crew_ || crew_->helpers.empty(); }

void ThreadTeam::run(Body body, const void* context, int count) {
    const int64_t began = caller_is_alone() || count < 2 ? 0 : now();
    if (began == 0 || goes_alone(body, count, began)) {
        for (int i = 0; i < count && !interruption_.asked_to_stop(); ++i) body(context, i, 0);
        return;
    }
    if (const int here = processor(); here != crew_->caller) keep_off(crew_->caller = here, crew_->helpers);
    crew_->body.store(body, std::memory_order_relaxed);
    crew_->context.store(context, std::memory_order_relaxed);
    crew_->open_loop(count);
    finish_loop(began, crew_->work(crew_->open.load(std::memory_order_relaxed), 0));
}

void ThreadTeam::skip_loops(uint32_t count) {
    if (caller_is_alone()) return;
    const uint32_t last = loop_in(crew_->open.load(std::memory_order_relaxed));
    crew_->open.store(pack(last + count, 0), std::memory_order_release);
    crew_->open.notify_all();
}

bool ThreadTeam::goes_alone(Body body, int count, int64_t now) {
    if (now >= alone_until_) return adaptive_.alone(reinterpret_cast<uintptr_t>(body), count, now);
    adaptive_.interrupt();
    return true;
}

// Waits for the indices that helpers have claimed. A helper that works needs about as long for one as the caller did.
void ThreadTeam::finish_loop(int64_t began, int done_here) {
    auto over = [this] { return crew_->left.load(std::memory_order_acquire) == 0; };
    for (int spins = 0; spins < kWaitSpins; ++spins) {
        if (over()) return;
        pause();
    }
    const int64_t arrived = now();
    const int64_t patience = kLongWait + 2 * (arrived - began) / (done_here < 1 ? 1 : done_here);
    while (!over()) {
        if (now() - arrived < patience) {
            pause();
            continue;
        }
        // It is not running. A sleeping caller leaves its own processor to it.
        while (!over()) std::this_thread::sleep_for(std::chrono::nanoseconds(kNap));
        return go_alone_for_a_while(now());
    }
}

void ThreadTeam::go_alone_for_a_while(int64_t now) {
    const bool went_well_for_long = now - alone_until_ > 4 * pause_;
    pause_ = went_well_for_long ? kShortestPause : pause_ * 2 < kLongestPause ? pause_ * 2 : kLongestPause;
    alone_until_ = now + pause_;
}

}  // namespace ranvier
