/// The files that the pages load, served by the node itself: those of the folder `Assets`, which the build puts into
/// the program.
enum PageAsset: String, CaseIterable, Hashable {
    case styleSheet = "page.css"
    case script = "page.js"

    /// The file's media type.
    var mediaType: String {
        switch self {
        case .styleSheet: "text/css; charset=utf-8"
        case .script: "text/javascript; charset=utf-8"
        }
    }

    /// The file's bytes.
    var bytes: [UInt8] {
        switch self {
        case .styleSheet: PackageResources.page_css
        case .script: PackageResources.page_js
        }
    }
}
