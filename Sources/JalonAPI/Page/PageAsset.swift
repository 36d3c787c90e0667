/// The files that the pages load, served by the node itself: those of the folder `Assets`, which the build puts into
/// the program.
enum PageAsset: String, CaseIterable, Hashable {
    case styleSheet = "page.css"
    case script = "page.js"
    case verifyStyle = "verify.css"
    case verifyScript = "verify.js"

    /// The file's media type.
    var mediaType: String {
        switch self {
        case .styleSheet, .verifyStyle: "text/css; charset=utf-8"
        case .script, .verifyScript: "text/javascript; charset=utf-8"
        }
    }

    /// The file's bytes.
    var bytes: [UInt8] {
        switch self {
        case .styleSheet: PackageResources.page_css
        case .script: PackageResources.page_js
        case .verifyStyle: PackageResources.verify_css
        case .verifyScript: PageAsset.verifyScriptBytes
        }
    }

    /// The verifier's parts in the order in which they need each other, in one scope of their own.
    private static let verifyScriptBytes: [UInt8] = {
        let parts = [
            PackageResources.verify_cbor_js, PackageResources.verify_keys_js, PackageResources.verify_file_js,
            PackageResources.verify_proof_js, PackageResources.verify_records_js,
            PackageResources.verify_checks_js, PackageResources.verify_words_js,
            PackageResources.verify_page_js,
        ]
        return Array("\"use strict\";\n(() => {\n".utf8) + parts.joined() + Array("})();\n".utf8)
    }()
}
