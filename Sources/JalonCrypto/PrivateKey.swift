private import COpenSSL
private import CSodium

/// A private key: signs, and is read from and written to PKCS#8 PEM that `openssl pkey` understands.
public struct PrivateKey: Sendable {
    /// The key that verifies what this one signs.
    public let publicKey: PublicKey
    /// libsodium's form: seed ‖ public key.
    ///
    /// Never printed, compared or encoded.
    private let secret: [UInt8]

    /// Makes an Ed25519 key from its 32-byte seed (RFC 8032 §5.1.5).
    public init(seed: some Collection<UInt8>) throws(KeyError) {
        guard seed.count == 32 else { throw .wrongByteCount(expected: 32, found: seed.count) }
        var raw = [UInt8](repeating: 0, count: 32)
        var secret = [UInt8](repeating: 0, count: 64)
        guard crypto_sign_seed_keypair(&raw, &secret, Array(seed)) == 0 else {
            throw .libraryFailure("crypto_sign_seed_keypair")
        }
        publicKey = PublicKey(unchecked: raw, algorithm: .ed25519)
        self.secret = secret
    }

    /// Makes a new Ed25519 key.
    public init(using generator: inout some RandomNumberGenerator) throws(KeyError) {
        var seed: [UInt8] = []
        for _ in 0..<4 { withUnsafeBytes(of: generator.next()) { seed.append(contentsOf: $0) } }
        try self.init(seed: seed)
    }

    /// Signs a message: 64 bytes, the same for the same message.
    public func sign(_ message: [UInt8]) -> [UInt8] {
        var signature = [UInt8](repeating: 0, count: 64)
        let result = crypto_sign_detached(&signature, nil, message, UInt64(message.count), secret)
        precondition(result == 0, "crypto_sign_detached has no way to fail with a whole key")
        return signature
    }

    // MARK: - PKCS#8

    /// Reads a PKCS#8 PEM, encrypted or not.
    ///
    /// - Throws: ``KeyError/notPrivateKeyPEM``, ``KeyError/encrypted``, ``KeyError/wrongPassphrase`` or
    ///   ``KeyError/unknownAlgorithm``.
    public init(pem: [UInt8], passphrase: [UInt8]? = nil) throws(KeyError) {
        let encrypted = Array("ENCRYPTED".utf8)
        let isEncrypted = pem.indices.contains { pem[$0...].starts(with: encrypted) }
        if isEncrypted && passphrase == nil { throw .encrypted }
        guard let bio = BIO_new_mem_buf(pem, Int32(clamping: pem.count)) else {
            throw .libraryFailure("BIO_new")
        }
        defer { BIO_free(bio) }
        // Without a callback libcrypto would ask at the terminal; with a user pointer it takes that as the
        // passphrase.
        var password = (passphrase ?? []).map { CChar(bitPattern: $0) } + [0]
        let key = password.withUnsafeMutableBufferPointer {
            PEM_read_bio_PrivateKey(bio, nil, nil, $0.baseAddress)
        }
        ERR_clear_error()
        guard let key else { throw isEncrypted ? .wrongPassphrase : .notPrivateKeyPEM }
        defer { EVP_PKEY_free(key) }
        guard EVP_PKEY_get_base_id(key) == EVP_PKEY_ED25519 else { throw .unknownAlgorithm }
        var seed = [UInt8](repeating: 0, count: 32)
        var count = seed.count
        guard EVP_PKEY_get_raw_private_key(key, &seed, &count) == 1, count == 32 else {
            throw .libraryFailure("EVP_PKEY_get_raw_private_key")
        }
        try self.init(seed: seed)
    }

    /// Writes a PKCS#8 PEM; with a passphrase, encrypted with AES-256-CBC (PBES2).
    ///
    /// - Throws: ``KeyError/unusablePassphrase`` where the passphrase could not be given back when the key is
    ///   read.
    public func pem(passphrase: [UInt8]? = nil) throws(KeyError) -> [UInt8] {
        // libcrypto asks at the terminal for an empty one, and reads one up to a NUL and to PEM_BUFSIZE only.
        if let passphrase, !(1...1_024).contains(passphrase.count) || passphrase.contains(0) {
            throw .unusablePassphrase
        }
        // libcrypto would take an empty one for none and ask at the terminal.
        if let passphrase, passphrase.isEmpty { throw .wrongPassphrase }
        let key = try openSSLKey()
        defer { EVP_PKEY_free(key) }
        guard let bio = BIO_new(BIO_s_mem()) else { throw .libraryFailure("BIO_new") }
        defer { BIO_free(bio) }
        let written =
            if let passphrase {
                passphrase.map { CChar(bitPattern: $0) }.withUnsafeBufferPointer {
                    PEM_write_bio_PKCS8PrivateKey(
                        bio,
                        key,
                        EVP_aes_256_cbc(),
                        $0.baseAddress,
                        Int32($0.count),
                        nil,
                        nil
                    )
                }
            } else {
                PEM_write_bio_PKCS8PrivateKey(bio, key, nil, nil, 0, nil, nil)
            }
        guard written == 1 else { throw .libraryFailure("PEM_write_bio_PKCS8PrivateKey") }
        return bytes(of: bio)
    }

    // MARK: - Certificate

    /// A self-signed X.509 certificate in PEM form, the TLS identity of a node.
    ///
    /// Peers compare the public key and nothing else, so the certificate carries no name worth reading and no
    /// end that a calendar could reach: from 1970 to RFC 5280's "no well-defined expiration date" (§4.1.2.5).
    public func selfSignedCertificatePEM() throws(KeyError) -> [UInt8] {
        let key = try openSSLKey()
        defer { EVP_PKEY_free(key) }
        guard let certificate = X509_new() else { throw .libraryFailure("X509_new") }
        defer { X509_free(certificate) }
        guard let name = X509_get_subject_name(certificate), fill(certificate, name: name, key: key),
            X509_sign(certificate, key, nil) > 0
        else { throw .libraryFailure("X509_sign") }
        guard let bio = BIO_new(BIO_s_mem()) else { throw .libraryFailure("BIO_new") }
        defer { BIO_free(bio) }
        guard PEM_write_bio_X509(bio, certificate) == 1 else { throw .libraryFailure("PEM_write_bio_X509") }
        return bytes(of: bio)
    }

    private func fill(_ certificate: OpaquePointer, name: OpaquePointer, key: OpaquePointer) -> Bool {
        let commonName = Array("jalon-node".utf8)
        return X509_set_version(certificate, 2) == 1
            && ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), 1) == 1
            && ASN1_TIME_set_string(X509_getm_notBefore(certificate), "19700101000000Z") == 1
            && ASN1_TIME_set_string(X509_getm_notAfter(certificate), "99991231235959Z") == 1
            && X509_NAME_add_entry_by_txt(
                name,
                "CN",
                MBSTRING_ASC,
                commonName,
                Int32(commonName.count),
                -1,
                0
            ) == 1
            && X509_set_issuer_name(certificate, name) == 1
            && X509_set_pubkey(certificate, key) == 1
    }

    private func openSSLKey() throws(KeyError) -> OpaquePointer {
        let seed = Array(secret.prefix(32))
        guard let key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nil, seed, seed.count) else {
            throw .libraryFailure("EVP_PKEY_new_raw_private_key")
        }
        return key
    }

    private func bytes(of bio: OpaquePointer) -> [UInt8] {
        var start: UnsafeMutablePointer<CChar>?
        let count = jalon_bio_mem_data(bio, &start)
        guard let start, count > 0 else { return [] }
        return UnsafeRawBufferPointer(start: start, count: count).map { $0 }
    }
}

extension PrivateKey: CustomStringConvertible, CustomReflectable {
    public var description: String { "PrivateKey(\(publicKey.id))" }

    // So that a dump of a structure that holds a key never shows the secret.
    public var customMirror: Mirror { Mirror(self, children: ["publicKey": publicKey]) }
}
