#ifndef JALON_COPENSSL_SHIM_H
#define JALON_COPENSSL_SHIM_H
// The low-level SHA-256 functions are deprecated but three to four times as fast as a one-shot EVP digest
// for the 65 bytes of a tree node, which is most of what a ledger hashes.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/sha.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

// Swift cannot call OpenSSL's function-like macros.
static inline long jalon_bio_mem_data(BIO *bio, char **data) { return BIO_get_mem_data(bio, data); }
#endif
