// A loop shared by the threads of a team, as the kernels write it.
#pragma once

#include "machine/thread_team.h"
#include "machine/vector.h"

namespace ranvier::RANVIER_LEVEL {

class Sharing {
  public:
    Sharing(ThreadTeam& team, int threads) : team_(team), threads_(threads) {}

    // body(i) for every i below count, each by whichever thread claims it. When all are done, one thread runs close(),
    // and only then does any thread go on. Every thread of the run must come by here in the same order.
    template <class Body, class Close>
    RANVIER_INLINE void loop(int count, Body&& body, Close&& close) {
        if (threads_ == 1) {
            for (int i = 0; i < count; ++i) body(i);
            close();
            return;
        }
        for (int i = team_.claim(loop_, count); i >= 0; i = team_.claim(loop_, count)) {
            body(i);
            if (team_.finish(count)) {
                close();
                team_.open_next(loop_);
            }
        }
        team_.wait_until_over(loop_);
        ++loop_;
    }

    template <class Body>
    RANVIER_INLINE void loop(int count, Body&& body) {
        loop(count, body, [] {});
    }

  private:
    ThreadTeam& team_;
    const int threads_;
    uint32_t loop_ = 0;
};

// Runs program(thread) on `threads` of the team.
template <class Program>
inline void run_program(ThreadTeam& team, Program& program, int threads) {
    if (threads == 1) return program(0);
    team.run([](void* context, int thread) { (*static_cast<Program*>(context))(thread); }, &program, threads);
}

}  // namespace ranvier::RANVIER_LEVEL
