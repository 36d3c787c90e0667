#ifndef JALON_CSODIUM_SHIM_H
#define JALON_CSODIUM_SHIM_H
#include <sodium.h>
#endif
