#include "machine/thread_team.h"

#include <unistd.h>

#include <system_error>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace ranvier {

namespace {

void pause() {
#if defined(__x86_64__)
    _mm_pause();
#else
    std::this_thread::yield();
#endif
}

// Waits for `over`, spinning only as long as a well-running partner would need, then giving the processor away.
template <class Condition>
void spin_until(Condition over) {
    constexpr int kSpins = 4000;
    for (int spins = 0; !over(); ++spins) {
        if (spins < kSpins)
            pause();
        else
            std::this_thread::yield();
    }
}

uint64_t ticket_of(uint32_t loop, uint32_t index) { return (uint64_t{loop} << 32) | index; }

// Loops are counted modulo 2^32; no two threads are ever 2^31 loops apart.
bool is_past(uint64_t ticket, uint32_t loop) {
    return static_cast<int32_t>(static_cast<uint32_t>(ticket >> 32) - loop) > 0;
}

}  // namespace

ThreadTeam::ThreadTeam(int threads) : size_(threads < 1 ? 1 : threads), process_(getpid()) {}

ThreadTeam::~ThreadTeam() {
    if (getpid() != process_) {  // a forked child has the objects but not the threads
        for (std::thread& helper : helpers_) helper.detach();
        return;
    }
    {
        std::lock_guard<std::mutex> lock(mutex_);
        closing_ = true;
    }
    wake_.notify_all();
    for (std::thread& helper : helpers_) helper.join();
}

// Starts the helpers that are missing. Where the system grants no more threads, those there are do the work.
int ThreadTeam::start_helpers(int wanted) {
    if (getpid() != process_) return 0;
    try {
        while (static_cast<int>(helpers_.size()) < wanted)
            helpers_.emplace_back([this, thread = static_cast<int>(helpers_.size()) + 1] { serve(thread); });
    } catch (const std::system_error&) {
        return static_cast<int>(helpers_.size());
    }
    return wanted;
}

void ThreadTeam::run(Program program, void* context, int threads) {
    const int wanted = threads < size_ ? threads : size_;
    const int active = wanted > 1 ? 1 + start_helpers(wanted - 1) : 1;
    ticket_.store(0, std::memory_order_relaxed);
    done_.store(0, std::memory_order_relaxed);
    if (active > 1) {
        working_.store(active - 1, std::memory_order_relaxed);
        {
            std::lock_guard<std::mutex> lock(mutex_);
            program_ = program;
            context_ = context;
            active_ = active;
            ++round_;
        }
        wake_.notify_all();
    }
    program(context, 0);
    if (active > 1) spin_until([this] { return working_.load(std::memory_order_acquire) == 0; });
}

void ThreadTeam::serve(int thread) {
    uint64_t served = 0;
    while (true) {
        Program program;
        void* context;
        {
            std::unique_lock<std::mutex> lock(mutex_);
            wake_.wait(lock, [&] { return closing_ || (round_ != served && thread < active_); });
            if (closing_) return;
            served = round_;
            program = program_;
            context = context_;
        }
        program(context, thread);
        working_.fetch_sub(1, std::memory_order_release);
    }
}

int ThreadTeam::size() const { return size_; }

int ThreadTeam::claim(uint32_t loop, int count) {
    uint64_t ticket = ticket_.load(std::memory_order_acquire);
    while (static_cast<uint32_t>(ticket >> 32) == loop && static_cast<int>(ticket & 0xffffffffu) < count) {
        if (ticket_.compare_exchange_weak(ticket, ticket + 1, std::memory_order_acq_rel))
            return static_cast<int>(ticket & 0xffffffffu);
    }
    return -1;
}

bool ThreadTeam::finish(int count) { return done_.fetch_add(1, std::memory_order_acq_rel) + 1 == count; }

void ThreadTeam::open_next(uint32_t loop) {
    done_.store(0, std::memory_order_relaxed);
    ticket_.store(ticket_of(loop + 1, 0), std::memory_order_release);
}

void ThreadTeam::wait_until_over(uint32_t loop) {
    spin_until([this, loop] { return is_past(ticket_.load(std::memory_order_acquire), loop); });
}

}  // namespace ranvier
