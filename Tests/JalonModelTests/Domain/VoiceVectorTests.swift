import JalonCodec
import JalonModel
import Testing

/// The fixtures of ``Domain/voices()`` as another encoder of deterministic CBOR wrote them, from the fields alone.
@Suite("Attestations, disputes, co-signatures and directives, to the byte")
struct VoiceVectorTests {
    private static let vectors: [(body: @Sendable () throws -> TransactionBody, hex: [String])] = [
        (
            { .attestationIssue(try Domain.attestation()) },
            [
                "a86474797065716174746573746174696f6e2e6973737565666d6574686f646ce78eb0e59cbae6a0b8e69fa5",
                "66726561736f6e6ce68abde6a0b7e4b880e887b46673616d706c656733302f39353030677665726469637469",
                "636f6e6669726d65646865766964656e636581a6646e616d656671322e706466647572697381781a68747470",
                "733a2f2f6578616d706c652e6f72672f71322e70646666616363657373667075626c69636673686132353658",
                "20dbc1b4c900ffe48d575b5da5c638040125f65db0fe3e24494b76ea986457d9866962797465436f756e7419",
                "bc55696d65646961547970656f6170706c69636174696f6e2f706466696d696c6573746f6e655820084fed08",
                "b978af4d7d196a7446a86b58009e636b611db16211b65a9aadff29c56a636f6d6d69746d656e746e434e2d48",
                "4e2d323032302d303031",
            ]
        ),
        (
            { .attestationRevoke(try Domain.revocation()) },
            [
                "a46474797065726174746573746174696f6e2e7265766f6b6566726561736f6e6ce6a0b7e69cace69c89e8af",
                "af6a636f6d6d69746d656e746e434e2d484e2d323032302d3030316b6174746573746174696f6e5820e52d9c",
                "508c502347344d8c07ad91cbd6068afc75ff6292f062a09ca381c89e71",
            ]
        ),
        (
            { .disputeOpen(try Domain.dispute()) },
            [
                "a664746578746ce5b19ee4ba8ee6b2b3e58c9764747970656c646973707574652e6f70656e6667726f756e64",
                "6b77726f6e67526567696f6e6865766964656e636581a6646e616d656671322e706466647572697381781a68",
                "747470733a2f2f6578616d706c652e6f72672f71322e70646666616363657373667075626c69636673686132",
                "35365820dbc1b4c900ffe48d575b5da5c638040125f65db0fe3e24494b76ea986457d9866962797465436f75",
                "6e7419bc55696d65646961547970656f6170706c69636174696f6e2f706466696d696c6573746f6e65582008",
                "4fed08b978af4d7d196a7446a86b58009e636b611db16211b65a9aadff29c56a636f6d6d69746d656e746e43",
                "4e2d484e2d323032302d303031",
            ]
        ),
        (
            { .disputeAnswer(try Domain.answer()) },
            [
                "a5647465787469e5b7b2e6a0b8e5afb964747970656e646973707574652e616e737765726764697370757465",
                "5820e77b9a9ae9e30b0dbdb6f510a264ef9de781501d7b6b92ae89eb059c5ab743db6865766964656e636580",
                "6a636f6d6d69746d656e746e434e2d484e2d323032302d303031",
            ]
        ),
        (
            { .disputeResolve(try Domain.resolution()) },
            [
                "a564747970656f646973707574652e7265736f6c766566726561736f6e66e68890e7ab8b6764697370757465",
                "5820e77b9a9ae9e30b0dbdb6f510a264ef9de781501d7b6b92ae89eb059c5ab743db676f7574636f6d656675",
                "7068656c646a636f6d6d69746d656e746e434e2d484e2d323032302d303031",
            ]
        ),
        (
            { .cosign(try Domain.cosign()) },
            [
                "a3647479706566636f7369676e677375626a6563745820084fed08b978af4d7d196a7446a86b58009e636b61",
                "1db16211b65a9aadff29c56a636f6d6d69746d656e746e434e2d484e2d323032302d303031",
            ]
        ),
        (
            { .cosign(try Domain.recoveryCosign()) },
            [
                "a3647479706566636f7369676e666d656d62657265636e2d686e677375626a656374582067586e98fad27da0",
                "b9968bc039a1ef34c939b9b8e523a8bef89d478608c5ecf6",
            ]
        ),
        (
            { .directiveIssue(try Domain.directive()) },
            [
                "a662746f65636e2d686e636475656a323032312d30372d33316474657874a1627a6869e8afb7e8afb4e6988e",
                "64747970656f6469726563746976652e6973737565657469746c65a262656e7345766964656e636520697320",
                "6d697373696e67627a686ce8a1a5e4baa4e8af81e68dae677375626a6563746e434e2d484e2d323032302d30",
                "3031",
            ]
        ),
        (
            { .directiveAcknowledge(try Domain.acknowledgement()) },
            [
                "a362746f65636e2d686e6474797065756469726563746976652e61636b6e6f776c6564676569646972656374",
                "6976655820ca358758f6d27e6cf45272937977a748fd88391db679ceda7dc7bf1f005ee879",
            ]
        ),
        (
            { .directiveReply(try Domain.reply()) },
            [
                "a562746f65636e2d686e647465787469e8a781e99984e4bbb664747970656f6469726563746976652e726570",
                "6c796865766964656e636581a6646e616d656671322e706466647572697381781a68747470733a2f2f657861",
                "6d706c652e6f72672f71322e70646666616363657373667075626c6963667368613235365820dbc1b4c900ff",
                "e48d575b5da5c638040125f65db0fe3e24494b76ea986457d9866962797465436f756e7419bc55696d656469",
                "61547970656f6170706c69636174696f6e2f706466696469726563746976655820ca358758f6d27e6cf45272",
                "937977a748fd88391db679ceda7dc7bf1f005ee879",
            ]
        ),
    ]

    @Test("are encoded and read as an independent encoder has them", arguments: 0..<10)
    func vectors(index: Int) throws {
        let (make, hex) = Self.vectors[index]
        let body = try make()
        #expect(Hex.encode(body.encoded) == hex.joined())
        #expect(try TransactionBody.decode(#require(Hex.decode(hex.joined()))) == body)
    }
}
