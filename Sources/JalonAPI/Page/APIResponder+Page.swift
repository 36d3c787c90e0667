import Hummingbird
import JalonSchema
import NIOCore

extension APIResponder {
    /// Blocks that the overview's feed looks back.
    private static var recentBlockCount: Int { 20 }

    /// What the page may load: its own two files and its own feed, nothing inline and nothing from elsewhere.
    private static var contentSecurityPolicy: String {
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; "
            + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    }

    /// The page for people; it works without its script.
    func page(_ route: Route, query: Query, languages: String?) async throws -> Response {
        if case .asset(let asset) = route { return answer(asset) }
        let language = Language(parameter: query["lang"], accept: languages)
        if route == .offlineVerifier { return answer(OfflineVerifier(language: language)) }
        let status = try await ledger.nodeStatus()
        let day = try query.day("asOf")
        let layout = Layout(status: status, language: language, now: Clock.now(), asOf: day ?? status.asOf)
        let html = try await html(of: route, layout, query: query)
        var response = Response.bytes(ByteBuffer(string: html.markup), type: "text/html; charset=utf-8")
        response.headers[.contentSecurityPolicy] = Self.contentSecurityPolicy
        response.headers[.contentLanguage] = language.tag
        response.headers[.vary] = "Accept-Language"
        return response
    }

    private func html(of route: Route, _ layout: Layout, query: Query) async throws -> HTML {
        let day = try query.day("asOf")
        switch route {
        case .commitmentPage(let id):
            return CommitmentPage(
                layout: layout,
                commitment: try await ledger.commitment(id, asOf: day),
                milestones: try await ledger.milestones(of: id, page: Page(limit: Page.maximumCount))
            ).html
        case .membersPage: return MembersPage(layout: layout, list: try await ledger.members()).html
        case .governancePage:
            return GovernancePage(
                layout: layout,
                governance: try await ledger.governance(),
                members: MemberNames(try await ledger.members(), language: layout.language)
            ).html
        case .directivesPage:
            return DirectivesPage(
                layout: layout,
                page: try await ledger.directives(DirectiveFilter(), page: query.page()),
                members: MemberNames(try await ledger.members(), language: layout.language)
            ).html
        case .verifyPage:
            return VerifyPage(layout: layout, transaction: try query.transaction()).html
        default:
            return OverviewPage(
                layout: layout,
                report: try await ledger.statusReport(page: query.page(), asOf: day),
                events: try await ledger.recentEvents(
                    Self.recentBlockCount,
                    upTo: layout.status.head.height
                )
            ).html
        }
    }

    /// To be kept: a page that a node serves is as good as the node.
    private func answer(_ verifier: OfflineVerifier) -> Response {
        var response = Response.bytes(
            ByteBuffer(string: verifier.document),
            type: "text/html; charset=utf-8"
        )
        response.headers[.contentDisposition] = "attachment; filename=\"jalon-verify.html\""
        response.headers[.contentLanguage] = verifier.language.tag
        response.headers[.vary] = "Accept-Language"
        return response
    }

    private func answer(_ asset: PageAsset) -> Response {
        var response = Response.bytes(ByteBuffer(bytes: asset.bytes), type: asset.mediaType)
        response.headers[.cacheControl] = "public, max-age=300"
        return response
    }
}
