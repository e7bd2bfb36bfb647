#pragma once

#include <cstddef>
#include <optional>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define DOWNBEAT_SANITIZED_HEAP 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define DOWNBEAT_SANITIZED_HEAP 1
#endif
#endif

#if defined(DOWNBEAT_SANITIZED_HEAP)
// GCC does not install the header that declares this.
extern "C" std::size_t __sanitizer_get_current_allocated_bytes();
#elif defined(__GLIBC__) || defined(__EMSCRIPTEN__)
#include <malloc.h>
#endif

namespace downbeat::test {

/// The number of bytes in use on the heap, as the allocator counts them; nothing where it cannot be
/// asked. The allocator may include a little that it keeps for the next allocation.
inline std::optional<std::size_t> heap_bytes_in_use() {
#if defined(DOWNBEAT_SANITIZED_HEAP)
  return __sanitizer_get_current_allocated_bytes();
#elif defined(__GLIBC__)
  return mallinfo2().uordblks;
#elif defined(__EMSCRIPTEN__)
  return static_cast<std::size_t>(mallinfo().uordblks);
#else
  return std::nullopt;
#endif
}

}  // namespace downbeat::test
