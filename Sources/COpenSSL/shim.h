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

// Keeps OpenSSL from freeing what it has when the process exits: connections may still be used by other threads then, and
// the system takes all memory back anyway. Counts if it comes before any other call.
static inline void caches_OPENSSL_init_no_atexit(void) { OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, NULL); }

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

// "Nothing now, ask again", as the answer of a BIO that reads.
static inline void caches_BIO_set_retry_read(BIO *bio) {
    BIO_set_retry_read(bio);
}

static inline void caches_BIO_clear_retry_flags(BIO *bio) {
    BIO_clear_retry_flags(bio);
}

static inline long caches_SSL_CTX_set_session_cache_mode(SSL_CTX *context, long mode) {
    return SSL_CTX_set_session_cache_mode(context, mode);
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

// The errno of an error that the system gave, 0 for any other: 3.0 has no text for the former.
static inline int caches_ERR_system_error(unsigned long code) {
#if OPENSSL_VERSION_NUMBER >= 0x30000000L
    return ERR_SYSTEM_ERROR(code) ? ERR_GET_REASON(code) : 0;
#else
    return 0;
#endif
}

// RFC 2253 escapes control characters, so that a text can't draw on a terminal; letters beyond ASCII stay.
static inline int caches_X509_NAME_print(BIO *bio, const X509_NAME *name) {
    return X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB);
}

// The stacks' accessors are macros, and their types are incomplete.
static inline int caches_chain_count(const STACK_OF(X509) *chain) {
    return sk_X509_num(chain);
}

static inline X509 *caches_chain_item(const STACK_OF(X509) *chain, int index) {
    return sk_X509_value(chain, index);
}

static inline GENERAL_NAMES *caches_X509_get_subject_alt_names(const X509 *certificate) {
    return (GENERAL_NAMES *)X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
}

static inline int caches_names_count(const GENERAL_NAMES *names) {
    return sk_GENERAL_NAME_num(names);
}

// The bytes of a name that is a host's (GEN_DNS) or an address (GEN_IPADD); NULL for any other kind.
static inline const ASN1_STRING *caches_names_item(const GENERAL_NAMES *names, int index, int *type) {
    const void *value = GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(names, index), type);
    return *type == GEN_DNS || *type == GEN_IPADD ? (const ASN1_STRING *)value : NULL;
}

#endif
