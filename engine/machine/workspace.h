// Memory that is used again by the next call. One call takes what it needs piece by piece and gives it all back at
// once.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "machine/thread_team.h"

namespace ranvier {

class Arena {
  public:
    Arena() = default;
    ~Arena();
    Arena(const Arena&) = delete;
    Arena& operator=(const Arena&) = delete;

    // Everything taken before is void; memory of the last call is kept, in one piece.
    void reset();
    // Zeroed, aligned to 64 bytes, and valid until the next reset. Throws std::bad_alloc.
    void* take(size_t bytes);
    // The same, but holding anything: for what is written before it is read.
    void* take_unset(size_t bytes);

  private:
    struct Piece {
        char* data;
        size_t size;
        size_t used;
    };
    void add_piece(size_t bytes);
    std::vector<Piece> pieces_;
};

struct Workspace {
    explicit Workspace(int threads) : team(threads) {}
    // At the start of a call: all memory is free, and the helpers are there.
    void begin() {
        arena.reset();
        team.ensure_started();
    }
    Arena arena;
    ThreadTeam team;
    std::atomic<bool> in_use{false};  // by a call: see Lease
};

// The workspace of one call. If there is none (null), or another call is in it at the moment, in another thread or by a
// signal's handler, this one gets a workspace of its own for as long as it lasts.
class Lease {
  public:
    explicit Lease(Workspace* shared)
        : free_(shared && !shared->in_use.exchange(true) ? shared : nullptr),
          own_(free_ ? nullptr : new Workspace(shared ? shared->team.size() : 1)) {}
    ~Lease() {
        if (free_) free_->in_use.store(false);
    }
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;

    Workspace& workspace() { return free_ ? *free_ : *own_; }

  private:
    Workspace* const free_;
    const std::unique_ptr<Workspace> own_;
};

}  // namespace ranvier
