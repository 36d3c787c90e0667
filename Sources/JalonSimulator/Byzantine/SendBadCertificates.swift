import JalonCrypto
import JalonModel

/// Sends certificates that prove nothing: too few signers, a padding bit, another epoch, view or block, a changed
/// signature, signatures in another order.
struct SendBadCertificates: Behaviour {
    let fault = FaultClass.badCertificate

    mutating func tick(_ situation: Situation) -> [(frame: Frame, to: Int)] {
        let memory = situation.memory
        // Each costs a connection for 30 s.
        guard memory.random.happens(perMille: 60), let certificate = memory.random.pick(memory.certificates),
            let peer = memory.random.pick(situation.others)
        else { return [] }
        situation.act(fault)
        return [(.message(.certificate(spoiled(certificate, situation))), peer)]
    }

    private func spoiled(_ certificate: Certificate, _ situation: Situation) -> Certificate {
        let random = situation.memory.random.number(in: 0...7)
        var epoch = certificate.epoch
        // Above what is final, so that somebody wants it.
        let view = View(situation.view.value + (random % 2))
        var ballot = certificate.ballot
        var (bitmap, signatures) = (certificate.bitmap, certificate.signatures)
        switch random {
        case 0: (bitmap, signatures) = withoutFirstSigner(certificate)
        case 1: bitmap[bitmap.count - 1] |= 1
        case 2: epoch = epoch.next
        case 3: ballot = .nullify(view)
        case 4: ballot = .notarize(view, BlockID(situation.randomDigest()))
        case 5: ballot = .finalize(view, BlockID(situation.randomDigest()), logRoot: situation.randomDigest())
        case 6: if !signatures.isEmpty { signatures[signatures.count / 2] ^= 1 }
        default: signatures.append(contentsOf: signatures.prefix(64))
        }
        return Certificate(epoch: epoch, ballot: ballot, bitmap: bitmap, signatures: signatures)
    }

    private func withoutFirstSigner(_ certificate: Certificate) -> (bitmap: [UInt8], signatures: [UInt8]) {
        var bitmap = certificate.bitmap
        guard let byte = bitmap.firstIndex(where: { $0 != 0 }) else { return (bitmap, []) }
        bitmap[byte] &= ~(0x80 >> UInt8(bitmap[byte].leadingZeroBitCount))
        return (bitmap, Array(certificate.signatures.dropFirst(64)))
    }
}
