// TLS over Boost.Asio; see asio.h. Included by .cc files of this folder only.
#pragma once

#include "io/asio.h"
// After asio.h, which says how all of Asio is compiled.
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/stream.hpp>
