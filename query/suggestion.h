// "Did you mean": the nearest of the names that would have been right.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace logq {

// Empty when nothing is near enough to be what was meant.
std::string_view nearest_name(std::string_view given,
                              std::span<const std::string_view> names);

// The end of an error message: `; did you mean "short"?`, or `; ` and the
// hint when no name is near.
std::string did_you_mean(std::string_view given,
                         std::span<const std::string_view> names,
                         std::string_view hint);

}  // namespace logq
