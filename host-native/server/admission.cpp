#include "server/admission.hpp"

#include "text/address_block.hpp"

namespace downbeat::host {

void admission::limit(std::uint64_t in_all, std::uint64_t by_address) {
  const std::lock_guard lock(mutex_);
  max_in_all_ = in_all;
  max_by_address_ = by_address;
}

admission::answer admission::enter(const std::string& address) {
  const std::lock_guard lock(mutex_);
  if (max_in_all_ != 0 && in_all_ >= max_in_all_) return answer::too_many;
  const answer result = add(address);
  if (result == answer::welcome) ++in_all_;
  return result;
}

admission::answer admission::move(const std::string& from, const std::string& to) {
  const std::lock_guard lock(mutex_);
  const answer result = add(to);
  if (result == answer::welcome) remove(from);
  return result;
}

void admission::leave(const std::string& address) {
  const std::lock_guard lock(mutex_);
  --in_all_;
  remove(address);
}

admission::answer admission::add(const std::string& address) {
  if (proxies_.trusts(address)) return answer::welcome;
  std::uint64_t& count = by_address_[address_block(address)];
  if (max_by_address_ != 0 && count >= max_by_address_) return answer::too_many_of_address;
  ++count;
  return answer::welcome;
}

void admission::remove(const std::string& address) {
  if (proxies_.trusts(address)) return;
  const auto found = by_address_.find(address_block(address));
  if (found != by_address_.end() && --found->second == 0) by_address_.erase(found);
}

}  // namespace downbeat::host
