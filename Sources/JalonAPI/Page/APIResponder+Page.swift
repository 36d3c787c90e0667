import Hummingbird
import JalonCrypto
import JalonModel
import JalonSchema
import NIOCore

extension APIResponder {
    /// Blocks that the overview's feed looks back.
    private static var recentBlockCount: Int { 20 }

    /// The page for people; it works without its script.
    func page(_ route: Route, query: Query, languages: String?) async throws -> Response {
        if case .asset(let asset) = route { return answer(asset) }
        let query = query.filled
        let language = Language(parameter: query["lang"], accept: languages)
        if route == .offlineVerifier { return answer(OfflineVerifier(language: language)) }
        let layout = try await layout(query, language)
        let html = try await html(of: route, layout, query: query)
        return Self.answer(html, in: layout.language, others: others)
    }

    /// What a browser gets for a page's problem: a page as well.
    func page(of problem: API.Problem, for request: Request) -> Response {
        let query = (try? RequestTarget(request.head.path ?? ""))?.query
        let language = Language(parameter: query?["lang"], accept: request.headers[.acceptLanguage])
        let html = ErrorPage(problem: problem, language: language).html
        var response = Self.answer(html, in: language, others: [], status: problem.status)
        response.headers[.cacheControl] = "no-store"
        return response
    }

    /// Whether a request asks for a page: by a browser, and not of the API or a file.
    static func wantsPage(_ request: Request) -> Bool {
        guard request.method == .get || request.method == .head,
            request.headers[.accept]?.contains("text/html") == true
        else { return false }
        let path = request.uri.path
        return !["/v1", "/health", "/metrics", "/static", "/feed.rss"].contains {
            path == $0 || path.hasPrefix($0 + "/")
        }
    }

    private static func answer(
        _ html: HTML,
        in language: Language,
        others: [String],
        status: Int = 200
    ) -> Response {
        var response = Response.bytes(
            ByteBuffer(string: html.markup),
            type: "text/html; charset=utf-8",
            status: status
        )
        response.headers[.contentSecurityPolicy] = contentSecurityPolicy(others)
        response.headers[.contentLanguage] = language.tag
        response.headers[.vary] = "Accept-Language"
        return response
    }

    /// What the page may load: its own files and its own feed, nothing inline and nothing from elsewhere; of other nodes
    /// it may ask whether they answer.
    private static func contentSecurityPolicy(_ others: [String]) -> String {
        let connect = (["'self'"] + others).joined(separator: " ")
        return
            "default-src 'none'; script-src 'self'; style-src 'self'; connect-src \(connect); img-src data:; "
            + "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    }

    // MARK: - What pages need

    private func layout(_ query: Query, _ language: Language) async throws -> Layout {
        let status = try await ledger.nodeStatus()
        let nodes = try await ledger.nodes()
        let day = try query.day("asOf")
        var layout = Layout(status: status, language: language, now: Clock.now(), asOf: day ?? status.asOf)
        layout.agreement = Layout.Agreement(agreeing: nodes.agreeing, validators: nodes.validators)
        layout.members = MemberNames(try await ledger.members(), language: language)
        layout.parameters = query.names.filter(Self.keptParameters.contains).compactMap { name in
            query[name].map { (name, $0) }
        }
        layout.others = others
        return layout
    }

    /// The parameters that a page in another language has too.
    private static var keptParameters: Set<String> {
        [
            "asOf", "cursor", "region", "sector", "status", "plan", "due", "attested", "q", "first",
            "transaction", "before",
        ]
    }

    private func html(of route: Route, _ layout: Layout, query: Query) async throws -> HTML {
        let day = try query.day("asOf")
        switch route {
        case .commitmentPage(let id):
            return try await commitmentPage(id, layout, query: query)
        case .membersPage: return MembersPage(layout: layout, list: try await ledger.members()).html
        case .governancePage:
            return GovernancePage(layout: layout, governance: try await ledger.governance()).html
        case .directivesPage:
            let page = try await ledger.directives(DirectiveFilter(), page: query.page())
            return DirectivesPage(layout: layout, page: page).html
        case .regionPage(let region): return try await regionPage(region, layout, query: query)
        case .transactionPage(let id):
            return TransactionPage(
                layout: layout,
                id: id.hex,
                transaction: try await ledger.transaction(id)
            ).html
        case .blockPage(let reference):
            let first = try query.integer("first", in: 0...1_000_000) ?? 0
            return BlockPage(
                layout: layout,
                block: try await block(reference),
                validators: layout.status.validators,
                first: first
            ).html
        case .nodesPage:
            var list = try await ledger.nodes()
            list.others = others
            return NodesPage(layout: layout, list: list).html
        case .methodologyPage:
            return MethodologyPage(layout: layout, governance: try await ledger.governance()).html
        case .dataPage:
            let report = try await ledger.statusReport(page: Page(limit: 1), asOf: day)
            return DataPage(layout: layout, regions: report.regions).html
        case .verifyPage:
            return VerifyPage(layout: layout, transaction: try query.transaction()).html
        default: return try await overview(layout, query: query)
        }
    }

    private func overview(_ layout: Layout, query: Query) async throws -> HTML {
        let day = try query.day("asOf")
        let filter = try OverviewFilter(query)
        var page = try query.page()
        page.limit = OverviewPage.commitmentCount
        return OverviewPage(
            layout: layout,
            report: try await ledger.statusReport(page: Page(limit: 1), asOf: day),
            filter: filter,
            list: try await ledger.commitments(filter.filter, page: page, asOf: day),
            events: try await ledger.recentEvents(Self.recentBlockCount, upTo: layout.status.head.height)
        ).html
    }

    /// With `before` its table holds earlier milestones; the chart is that of the newest all the same.
    private func commitmentPage(_ id: CommitmentID, _ layout: Layout, query: Query) async throws -> HTML {
        func tail(before: String?) async throws -> MilestoneTail {
            try await ledger.latestMilestones(of: id, limit: Page.maximumCount, before: before)
        }
        var earlier: MilestoneTail?
        if let before = query["before"] { earlier = try await tail(before: before) }
        return CommitmentPage(
            layout: layout,
            commitment: try await ledger.commitment(id, asOf: try query.day("asOf")),
            latest: try await tail(before: nil),
            earlier: earlier
        ).html
    }

    private func regionPage(_ region: RegionCode, _ layout: Layout, query: Query) async throws -> HTML {
        let day = try query.day("asOf")
        let report = try await ledger.statusReport(page: Page(limit: 1), asOf: day)
        guard let summary = report.regions.first(where: { $0.region.code == region.text }) else {
            let known = report.regions.map(\.region.code).joined(separator: ", ")
            throw API.Problem.notFound(
                "E_NOT_FOUND",
                "the ledger knows no region \(region.text)",
                hint: "Known: \(known)."
            )
        }
        var page = try query.page()
        page.limit = Page.usualCount
        let members = try await ledger.members().members.filter { $0.region?.code == region.text }
        var directives: [API.Directive] = []
        for member in members {
            guard let id = MemberID(member.id) else { continue }
            directives += try await ledger.latestDirectives(to: id, limit: RegionPage.directiveCount)
                .reversed()
        }
        directives.sort { $0.height > $1.height }
        let acts = Page(limit: RegionPage.actCount, cursor: query["before"])
        return RegionPage(
            layout: layout,
            summary: summary,
            list: try await ledger.commitments(CommitmentFilter(region: region.text), page: page, asOf: day),
            members: members,
            directives: directives.prefix(RegionPage.directiveCount),
            acts: try await ledger.acts(of: region, page: acts)
        ).html
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
