// The compiled part of Boost.Asio.
#include "io/asio_ssl.h"
// The implementation itself:
#include <boost/asio/impl/src.hpp>
#include <boost/asio/ssl/impl/src.hpp>
