import FoundationEssentials
import JalonCrypto

/// The verifier as one HTML file that needs no node and no network, for example from a memory stick.
///
/// It is the same to the byte whichever node serves it, in a language. Its own policy lets nothing run but the script and
/// the style that stand in it, named by their hashes, and lets it ask nobody: what the reader picks can't leave it.
struct OfflineVerifier {
    let language: Language

    private func pick(_ zh: String, _ en: String, _ fr: String) -> String { language.pick(zh, en, fr) }

    /// The whole document.
    ///
    /// Script and style stand in it as they are, since their bytes are what the policy names.
    var document: String {
        let style = String(decoding: PageAsset.styleSheet.bytes + PageAsset.verifyStyle.bytes, as: UTF8.self)
        let script = String(decoding: PageAsset.verifyScript.bytes, as: UTF8.self)
        let policy =
            "default-src 'none'; script-src '\(Self.source(script))'; style-src '\(Self.source(style))'; "
            + "base-uri 'none'; form-action 'none'"
        return head(policy: policy).markup + "<style>\(style)</style>\n" + content.markup
            + "<script>\(script)</script>\n</body>\n</html>\n"
    }

    /// How a policy names an inline script or style (CSP 3, section 2.3.1).
    private static func source(_ text: String) -> String {
        "sha256-" + Data(SHA256.hash(Array(text.utf8)).bytes).base64EncodedString()
    }

    private var title: String {
        pick(
            "承诺账本 · 离线核验",
            "Commitment ledger · offline verifier",
            "Registre des engagements · vérificateur hors ligne"
        )
    }

    private func head(policy: String) -> HTML {
        """
        <!doctype html>
        <html lang="\(language.tag)">
        <head>
        <meta charset="utf-8">
        <meta http-equiv="Content-Security-Policy" content="\(policy)">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="referrer" content="no-referrer">
        <meta name="color-scheme" content="light dark">
        <title>\(title)</title>

        """
    }

    private var content: HTML {
        """
        </head>
        <body>
        <main id="main">
        <h1>\(title)</h1>
        <p>\(pick(
            "选择证明文件、创世文件和要比对的文件。一切都在本机计算，不联网。",
            "Pick the proof file, the genesis file and the document to compare. Everything is computed on this machine; "
                + "nothing is sent.",
            "Choisissez le fichier de preuve, le fichier de genèse et le document à comparer. Tout est calculé sur cette "
                + "machine ; rien n’est envoyé."))</p>
        \(VerifyFrame(language: language, transaction: nil, isOffline: true).html)
        </main>

        """
    }
}
