// A loop shared by the threads of a team, as the kernels write it.
#pragma once

#include "machine/thread_team.h"
#include "machine/vector.h"

namespace ranvier::RANVIER_LEVEL {

// body(i, thread) for every i below count, each once, by any thread of the team; returns when all are done.
template <class Body>
RANVIER_INLINE void parallel_for(ThreadTeam& team, int count, const Body& body) {
    team.run([](const void* context, int i, int thread) { (*static_cast<const Body*>(context))(i, thread); }, &body,
             count);
}

}  // namespace ranvier::RANVIER_LEVEL
