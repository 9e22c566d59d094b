// Package postgres keeps read models in PostgreSQL, where services join them with their own tables.
//
// A [Store] is a projections.Store: a projector folds a log into it, and any process reads from it, by the same calls as
// from every other store, or in SQL. Rows and checkpoint of a commit are one transaction. PostgreSQL 12 or newer, with
// encoding UTF8, is needed.
//
// # What is there
//
// Everything stands in one schema, hookfold by default. For each model of [Config].Models there is a view under the model's
// name, - written as _; for those of package views:
//
//	hookfold.users          user_status, user_category, kyc_level, kyc_renewal_due, sca_enrolled, sca_last_attempt,
//	                        inflows_blocked, outflows_blocked, confirmed_status, confirmed_category, confirmed_kyc,
//	                        confirmed_sca, confirmed_blocks, ambiguous, conflicts, gaps
//	hookfold.idv_sessions   status, since, confirmed, user_id, link_expired, conflicts, gaps
//	hookfold.hooks          hook_id, status, validity, consecutive_failures, alerts, estimate, conflicts, gaps
//
// Each has source, kind and id before these columns, and behind them seq, the newest log record that is reflected; parked,
// why the resource stands still, NULL where it does not; and document, the whole document as jsonb, with its history. A
// document that does not render is NULL, with its columns, and parked says so.
//
// A source, kind or id of more than 512 bytes, which no provider is known to give, would not fit an index. It stands as \#
// and the hexadecimal SHA-256 of its UTF-8; the names themselves are then in document, as "source" and "id":
//
//	SELECT document->>'id' FROM hookfold.users WHERE source = 'mangopay'
//	  AND id = '\#' || encode(sha256(convert_to(repeat('long', 200), 'UTF8')), 'hex')
//
// A column is a scalar field of the document; confirmed.status is confirmed_status. It is text, boolean or numeric (times
// are Unix seconds). What is not known, "" in a document, is NULL. Lists, and fields that a document may leave out, are
// found in document only. A model of your own gets a view in the same way. Everything whose name begins with _, or ends in
// a version as users_v1 does, is ours and may change.
//
// Give a service the right to read, and no other:
//
//	GRANT USAGE ON SCHEMA hookfold TO app
//	GRANT SELECT ON hookfold.users, hookfold.idv_sessions, hookfold.hooks TO app
//
// May this user receive money, as far as the provider itself confirmed it? Always name the source, by which rows are found:
//
//	SELECT id FROM hookfold.users WHERE source = 'mangopay' AND id = 'user_m_1'
//	  AND user_status = 'ACTIVE' AND kyc_level = 'REGULAR' AND confirmed_status AND confirmed_kyc
//
// The sellers of your own table whose verification is not finished:
//
//	SELECT s.name, u.kyc_level, i.status, to_timestamp(i.since) FROM sellers s
//	  LEFT JOIN hookfold.users u ON u.source = 'mangopay' AND u.id = s.mangopay_id
//	  LEFT JOIN hookfold.idv_sessions i ON i.source = 'mangopay' AND i.user_id = s.mangopay_id
//	  WHERE u.kyc_level IS DISTINCT FROM 'REGULAR'
//
// Hooks that the provider will soon switch off, and what happened to a user last:
//
//	SELECT id, consecutive_failures FROM hookfold.hooks WHERE validity = 'VALID' AND consecutive_failures >= 50
//	SELECT document->'history'->-1->>'event' FROM hookfold.users WHERE source = 'mangopay' AND id = 'user_m_1'
//
// # Changes
//
// The schema's migrations run when a store is opened, under an advisory lock, all or none; a program that is older than the
// schema refuses to open it. A version of a model has a table of its own, so that an old and a new one stand side by side;
// [Store.Publish] makes the view show the new one. Where a model's documents gain or lose a field without a new version,
// Open adds the column and renders all rows anew from their fold states; a program with the other documents that still
// runs is refused with [ErrNewer]. A field that changes its type needs a new version.
//
// # Operation
//
// A projector needs one connection, and each reader one while it reads: see [Config].Conns. Behind a pooler, use session or
// transaction mode; for the latter give a Pool of your own whose default query mode needs no prepared statements. Because
// rows and checkpoint go back together and are folded again, synchronous_commit may be off without anything being lost.
// Errors name no host and no value, and say whether to try again: [ErrUnavailable], or [ErrRefused].
package postgres
