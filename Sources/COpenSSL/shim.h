// What Swift sees of OpenSSL (1.1.1 and 3.x).
//
// A good part of OpenSSL's interface is macros over `SSL_ctrl` and friends, which Swift can't import.
// Each one the library needs is a function here, under the same name with a `caches_` prefix.

#ifndef CACHES_COPENSSL_SHIM_H
#define CACHES_COPENSSL_SHIM_H

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

static inline long caches_SSL_CTX_set_min_proto_version(SSL_CTX *context, int version) {
    return SSL_CTX_set_min_proto_version(context, version);
}

static inline long caches_SSL_CTX_set_mode(SSL_CTX *context, long mode) {
    return SSL_CTX_set_mode(context, mode);
}

// Both only ever helped attackers, and both are gone from TLS 1.3.
static inline void caches_SSL_CTX_forbid_compression_and_renegotiation(SSL_CTX *context) {
    SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
}

static inline long caches_SSL_set_tlsext_host_name(SSL *ssl, const char *name) {
    return SSL_set_tlsext_host_name(ssl, name);
}

static inline long caches_BIO_set_mem_eof_return(BIO *bio, int value) {
    return BIO_set_mem_eof_return(bio, value);
}

static inline size_t caches_BIO_ctrl_pending(BIO *bio) {
    return BIO_ctrl_pending(bio);
}

// 3.0 renamed SSL_get_peer_certificate; both hand over a reference that the caller frees.
static inline X509 *caches_SSL_get_peer_certificate(const SSL *ssl) {
#if OPENSSL_VERSION_NUMBER >= 0x30000000L
    return SSL_get1_peer_certificate(ssl);
#else
    return SSL_get_peer_certificate(ssl);
#endif
}

#endif
