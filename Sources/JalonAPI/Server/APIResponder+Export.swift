import FoundationEssentials
import Hummingbird
import JalonSchema
import NIOCore

extension APIResponder {
    /// Answers with a list as it stood after one block, a page of it in memory at a time.
    ///
    /// The state is held while it is sent, so that the file is of one height however long that takes. What is cut off
    /// ends without the last chunk, which every client takes for an error.
    func export(_ export: Export, _ target: RequestTarget, _ request: Request) async throws -> Response {
        guard let place = exports.take() else { throw API.Problem.busy("exporting is") }
        let query = target.query
        let hasMark = try query.flag("bom")
        var filter = CommitmentFilter(region: try query.filter().region)
        filter.id = try query.commitment()
        let status = try await ledger.nodeStatus()
        let day = try query.day("asOf")
        let outcome = try await race(limit: limits.requestTimeout) { [filter] in
            let held = try await ledger.held(after: query.height(), asOf: day)
            return (held, try await held.commitments(filter, page: Page(limit: ExportStream.pageCount)))
        }
        guard case .value(let (held, first)) = outcome else { throw API.Problem.timedOut }
        let tag = EntityTag(
            target: request.head.path ?? "",
            chain: status.chain,
            height: held.height,
            version: status.version
        )
        if tag.isNamed(in: request.headers[.ifNoneMatch], orAny: true) {
            return .notModified(tag, isPinned: query["height"] != nil)
        }
        let stream = ExportStream(export: export, held: held, filter: filter, first: first)
        let body = ResponseBody { [stop] writer in
            defer { withExtendedLifetime(place) {} }
            if hasMark { try await writer.write(ByteBuffer(string: CSV.byteOrderMark)) }
            var stream = stream
            while let text = try await stream.next() {
                guard !stop.isOpen else { throw ConnectionEnded() }
                if !text.isEmpty { try await writer.write(ByteBuffer(string: text)) }
            }
            try await writer.finish(nil)
        }
        var response = Response(status: .ok, body: body)
        response.headers[.contentType] = export.mediaType
        let name = export.fileName(network: status.network, height: held.height)
        response.headers[.contentDisposition] = "attachment; filename=\"\(name)\""
        response.identify(tag, height: held.height, isPinned: query["height"] != nil)
        return response
    }
}

/// The text of an export, piece by piece.
struct ExportStream: Sendable {
    /// Commitments read at once.
    static let pageCount = 200

    private let export: Export
    private let held: any HeldLedger
    private let filter: CommitmentFilter
    private let asOf: String
    private var mustBegin: Bool
    /// What is being written; `nil` at the end.
    private var page: API.CommitmentPage?
    /// The commitment of the page whose milestones are next, and which of them.
    private var index = 0
    private var cursor: String?

    /// `first` is the first page, read before the answer began, so that an error still is one.
    init(export: Export, held: any HeldLedger, filter: CommitmentFilter, first: API.CommitmentPage) {
        (self.export, self.held, self.filter) = (export, held, filter)
        (asOf, page, mustBegin) = (first.asOf, first, export.isTable)
    }

    /// The next piece; `nil` at the end.
    mutating func next() async throws -> String? {
        if mustBegin {
            mustBegin = false
            return export.isOfCommitments ? commitmentColumns.heading : milestoneColumns.heading
        }
        return export.isOfCommitments ? try await nextCommitments() : try await nextMilestones()
    }

    private var commitmentColumns: ExportColumns<API.Commitment> {
        .commitments(height: held.height, asOf: asOf)
    }

    private var milestoneColumns: ExportColumns<ExportedMilestone> { .milestones(height: held.height) }

    private mutating func nextCommitments() async throws -> String? {
        guard let page else { return nil }
        let columns = commitmentColumns
        let lines = try page.commitments.map { export.isTable ? columns.line($0) : try jsonLine($0) }
        try await turn(page)
        return lines.joined()
    }

    private mutating func nextMilestones() async throws -> String? {
        while let page {
            guard index < page.commitments.count else {
                try await turn(page)
                continue
            }
            let lines = try await milestones(of: page.commitments[index])
            if cursor == nil { index += 1 }
            if !lines.isEmpty { return lines }
        }
        return nil
    }

    private mutating func turn(_ old: API.CommitmentPage) async throws {
        index = 0
        guard let next = old.next else {
            page = nil
            return
        }
        page = try await held.commitments(filter, page: Page(limit: Self.pageCount, cursor: next))
    }

    private mutating func milestones(of commitment: API.Commitment) async throws -> String {
        let part = try await held.milestones(
            of: commitment.id,
            page: Page(limit: Page.maximumCount, cursor: cursor)
        )
        cursor = part.next
        let columns = milestoneColumns
        let lines = try part.milestones.map { milestone in
            guard export.isTable else { return try jsonLine(milestone) }
            return columns.line(
                ExportedMilestone(
                    milestone: milestone,
                    region: commitment.region.code,
                    unit: commitment.indicator.unit.code
                )
            )
        }
        return lines.joined()
    }

    private func jsonLine(_ value: some Encodable) throws -> String {
        String(decoding: try jsonBytes(value), as: UTF8.self) + "\n"
    }
}
