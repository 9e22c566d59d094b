'use strict';

// What a platform does with the provider's SDK, done against the sandbox: create, read back, and see the notifications.
const assert = require('node:assert');
const http = require('node:http');
const Mangopay = require('mangopay4-nodejs-sdk');

const api = new Mangopay({clientId: 'sdk-unit-tests', clientApiKey: process.env.SANDBOX_KEY, errorHandler: () => {}});
const [UserNatural, UserNaturalSca, UserLegal, UserLegalSca, CategorizeUserNatural, CategorizeUserLegal] = [
    'UserNatural', 'UserNaturalSca', 'UserLegal', 'UserLegalSca', 'CategorizeUserNatural', 'CategorizeUserLegal',
].map((model) => require('mangopay4-nodejs-sdk/lib/models/' + model));

const address = {
    AddressLine1: '1 rue de la Paix', AddressLine2: '', City: 'Paris', Region: 'Île-de-France', PostalCode: '75002', Country: 'FR',
};
const natural = (category, more) => ({
    PersonType: 'NATURAL', FirstName: 'Ada', LastName: 'Lovelace', Email: 'ada@example.org', Birthday: 188301600, Nationality: 'FR',
    CountryOfResidence: 'FR', Address: address, TermsAndConditionsAccepted: true, UserCategory: category,
    PhoneNumber: '+33611111111', PhoneNumberCountry: 'FR', ...more,
});
const representative = {
    FirstName: 'Grace', LastName: 'Hopper', Email: 'grace@example.org', Birthday: 188301600, Nationality: 'FR', CountryOfResidence: 'FR',
    PhoneNumber: '+33611111111', PhoneNumberCountry: 'FR',
};
const legal = (category, more) => ({
    PersonType: 'LEGAL', Name: 'Analytical Engines', Email: 'office@example.org', LegalPersonType: 'BUSINESS', HeadquartersAddress: address,
    LegalRepresentative: representative, LegalRepresentativeAddress: address, CompanyNumber: '123456789',
    TermsAndConditionsAccepted: true, UserCategory: category, ...more,
});
const legacyLegal = {
    PersonType: 'LEGAL', Name: 'Analytical Engines', Email: 'office@example.org', LegalPersonType: 'BUSINESS', HeadquartersAddress: address,
    LegalRepresentativeFirstName: 'Grace', LegalRepresentativeLastName: 'Hopper', LegalRepresentativeEmail: 'grace@example.org',
    LegalRepresentativeBirthday: 188301600, LegalRepresentativeNationality: 'FR', LegalRepresentativeCountryOfResidence: 'FR',
    CompanyNumber: '123456789', TermsAndConditionsAccepted: true, UserCategory: 'OWNER',
};

const naturalSca = (category, more) => api.Users.create(new UserNaturalSca(natural(category, more)));
const legalSca = (category, more) => api.Users.create(new UserLegalSca(legal(category, more)));
const legacy = (category, more) => api.Users.create(new UserNatural(natural(category, more)));
const begin = (user) => api.IdentityVerifications.create(user.Id, {ReturnUrl: 'https://example.org/back', Tag: 'checks'});

// refused expects an answer by which the provider refuses, and returns it.
async function refused(type, request) {
    const error = await request.then(() => assert.fail(`${type} was expected`), (e) => e);
    assert.strictEqual(error.Type, type, JSON.stringify(error));
    return error;
}

// happened returns which of the named events a resource has in the list of events, in the order asked for.
async function happened(id, ...types) {
    const found = [];
    for (const EventType of types) {
        const events = await api.Events.getAll({parameters: {EventType, per_page: 100, Sort: 'Date:desc'}});
        if (events.some((e) => e.ResourceId === id)) {
            found.push(EventType);
        }
    }
    return found;
}

// control asks the sandbox for what no client of the provider can do.
async function control(path, body) {
    const answer = await fetch(`${process.env.SANDBOX_URL}/_sandbox/${path}`, {
        method: 'POST', headers: {'Content-Type': 'application/json'}, body: JSON.stringify(body || {}),
    });
    assert.ok(answer.ok, `${path}: ${answer.status}`);
}
const enrolls = (user, sca) => control(`users/${user.Id}`, {sca});
const decides = (idv, outcome) => control(`idv-sessions/${idv.Id}`, {outcome});
const fund = (wallet, add) => control(`wallets/${wallet.Id}`, {add});
const pass = (advance) => control('clock', {advance});

describe('tokens and limits', () => {
    it('gives each call its own token, with its life', async () => {
        const [one, two] = [await api.authorize(), await api.authorize()];
        assert.notStrictEqual(one.access_token, two.access_token);
        assert.strictEqual(typeof one.expires_in, 'number');
    });
    it('refuses a wrong key', async () => {
        const wrong = new Mangopay({clientId: 'sdk-unit-tests', clientApiKey: 'wrong'});
        assert.ok(await wrong.authorize().then(() => null, (e) => e));
        await api.authorize(); // the SDK's clients share what they send
    });
    it('tells the four windows of the rate limits', async () => {
        await api.Users.getAll();
        assert.deepStrictEqual(api.rateLimits.map((l) => l.minutesInterval), [15, 30, 60, 1440]);
        assert.ok(api.rateLimits.every((l) => l.callsMade > 0 && l.callsRemaining > 0));
    });
});

describe('users with SCA', () => {
    it('has a natural OWNER wait for the enrolment, and gives the link only once', async () => {
        const user = await naturalSca('OWNER');
        assert.strictEqual(user.UserStatus, 'PENDING_USER_ACTION');
        assert.match(user.PendingUserAction.RedirectUrl, /^http/);
        const read = await api.Users.getSca(user.Id);
        assert.strictEqual(read.UserStatus, 'PENDING_USER_ACTION');
        assert.strictEqual(read.PendingUserAction, null);
        assert.strictEqual(read.FirstName, 'Ada');
        assert.deepStrictEqual(await happened(user.Id, 'USER_ACCOUNT_VALIDATION_ASKED'), ['USER_ACCOUNT_VALIDATION_ASKED']);
    });
    it('has a legal OWNER wait as well', async () => {
        const user = await legalSca('OWNER');
        assert.strictEqual(user.UserStatus, 'PENDING_USER_ACTION');
        assert.strictEqual((await api.Users.getLegalSca(user.Id)).LegalRepresentative.LastName, 'Hopper');
    });
    it('makes a PAYER active at once', async () => {
        assert.strictEqual((await naturalSca('PAYER')).UserStatus, 'ACTIVE');
        assert.strictEqual((await legalSca('PAYER')).UserStatus, 'ACTIVE');
    });
    it('lets an e-mail address with "accept" pass', async () => {
        assert.strictEqual((await naturalSca('OWNER', {Email: 'ada+accept@example.org'})).UserStatus, 'ACTIVE');
    });
    it('wants the terms accepted by an OWNER', async () => {
        await refused('user_hasnt_accepted_terms_and_conditions', naturalSca('OWNER', {TermsAndConditionsAccepted: false}));
    });
    it('activates the user once it is enrolled', async () => {
        const user = await naturalSca('OWNER');
        await enrolls(user, 'succeeded');
        assert.strictEqual((await api.Users.getSca(user.Id)).UserStatus, 'ACTIVE');
        const status = await api.Users.getScaStatus(user.Id);
        assert.strictEqual(status.IsEnrolled, true);
        assert.ok(status.LastEnrollmentDate);
        const types = ['SCA_ENROLLMENT_SUCCEEDED', 'USER_ACCOUNT_ACTIVATED'];
        assert.deepStrictEqual(await happened(user.Id, ...types), types);
    });
    it('leaves the status alone when an enrolment fails or runs out', async () => {
        const user = await naturalSca('OWNER');
        await enrolls(user, 'failed');
        assert.strictEqual((await api.Users.getSca(user.Id)).UserStatus, 'PENDING_USER_ACTION');
        await api.Users.enroll(user.Id);
        await pass('11m');
        const types = ['SCA_ENROLLMENT_FAILED', 'SCA_ENROLLMENT_EXPIRED'];
        assert.deepStrictEqual(await happened(user.Id, ...types, 'SCA_ENROLLMENT_SUCCEEDED'), types);
        assert.strictEqual((await api.Users.getScaStatus(user.Id)).IsEnrolled, false);
    });
    it('enrols a user of the legacy endpoints, and keeps its status', async () => {
        const user = await legacy('OWNER');
        assert.match((await api.Users.enroll(user.Id)).PendingUserAction.RedirectUrl, /^http/);
        assert.strictEqual((await api.Users.get(user.Id)).UserStatus, 'ACTIVE');
        assert.match((await api.Users.manageConsent(user.Id)).PendingUserAction.RedirectUrl, /^http/);
    });
    it('does not enrol a PAYER', async () => {
        const user = await naturalSca('PAYER');
        await refused('not_allowed_for_user_category_payer', api.Users.enroll(user.Id));
    });
    it('says by 404 that enrolment was never asked for', async () => {
        const user = await legacy('OWNER');
        await refused('ressource_not_found', api.Users.getScaStatus(user.Id));
    });
});

describe('categories', () => {
    const types = ['USER_CATEGORY_UPDATED_TO_OWNER', 'USER_ACCOUNT_VALIDATION_ASKED'];
    it('makes a natural PAYER an OWNER who has to enrol', async () => {
        const user = await naturalSca('PAYER');
        assert.deepStrictEqual(await happened(user.Id, ...types), []);
        const owner = await api.Users.categorize(new CategorizeUserNatural({
            Id: user.Id, UserCategory: 'OWNER', TermsAndConditionsAccepted: true, Birthday: 188301600, Nationality: 'FR',
            CountryOfResidence: 'FR', PhoneNumber: '+33611111111', PhoneNumberCountry: 'FR', ScaContext: 'USER_PRESENT',
        }));
        assert.strictEqual(owner.UserCategory, 'OWNER');
        assert.strictEqual((await api.Users.getSca(user.Id)).UserStatus, 'PENDING_USER_ACTION');
        assert.deepStrictEqual(await happened(user.Id, ...types), types);
    });
    it('makes a legal PAYER an OWNER', async () => {
        const user = await legalSca('PAYER');
        const owner = await api.Users.categorize(new CategorizeUserLegal({
            Id: user.Id, UserCategory: 'OWNER', TermsAndConditionsAccepted: true, LegalRepresentative: representative,
            HeadquartersAddress: address, CompanyNumber: '123456789', ScaContext: 'USER_PRESENT',
        }));
        assert.strictEqual(owner.UserCategory, 'OWNER');
        assert.deepStrictEqual(await happened(user.Id, ...types), types);
    });
    it('fires no event of the category on creation', async () => {
        assert.deepStrictEqual(await happened((await naturalSca('OWNER')).Id, types[0]), []);
        assert.deepStrictEqual(await happened((await legacy('OWNER')).Id, types[0]), []);
    });
    it('does not categorise an OWNER again', async () => {
        const user = await naturalSca('OWNER');
        await refused('not_allowed_for_user_category_owner', api.Users.categorize(new CategorizeUserNatural({
            Id: user.Id, UserCategory: 'OWNER', TermsAndConditionsAccepted: true, Birthday: 188301600, Nationality: 'FR', CountryOfResidence: 'FR',
        })));
    });
});

describe('users of the legacy endpoints', () => {
    it('creates them active and reads them back on both paths', async () => {
        const user = await legacy('OWNER');
        assert.strictEqual(user.UserStatus, 'ACTIVE');
        for (const read of [await api.Users.get(user.Id), await api.Users.getNatural(user.Id), await api.Users.getSca(user.Id)]) {
            assert.strictEqual(read.Id, user.Id);
            assert.strictEqual(read.UserCategory, 'OWNER');
            assert.strictEqual(read.KYCLevel, 'LIGHT');
        }
        const company = await api.Users.create(new UserLegal(legacyLegal));
        assert.strictEqual((await api.Users.getLegal(company.Id)).LegalRepresentativeLastName, 'Hopper');
    });
    it('updates them', async () => {
        const user = await legacy('OWNER');
        await api.Users.update(new UserNatural({...natural('OWNER'), Id: user.Id, Occupation: 'programmer'}));
        assert.strictEqual((await api.Users.get(user.Id)).Occupation, 'programmer');
    });
    it('names every field that is missing', async () => {
        const error = await refused('param_error', api.Users.create(new UserNatural({UserCategory: 'OWNER', TermsAndConditionsAccepted: true})));
        assert.ok(error.errors.FirstName && error.errors.LastName);
    });
    it('does not know an unknown user', async () => {
        await refused('ressource_not_found', api.Users.get('user_m_unknown'));
    });
    it('closes a user for good and blocks what flows in and out', async () => {
        const user = await legacy('OWNER');
        await api.Users.close(user);
        assert.strictEqual((await api.Users.get(user.Id)).UserStatus, 'CLOSED');
        assert.deepStrictEqual((await api.Users.getRegulatory(user.Id)).ScopeBlocked, {Inflows: true, Outflows: true});
        const types = ['USER_ACCOUNT_CLOSED', 'USER_INFLOWS_BLOCKED', 'USER_OUTFLOWS_BLOCKED'];
        assert.deepStrictEqual(await happened(user.Id, ...types), types);
        assert.match((await api.Users.close(user).catch((e) => e)).Type, /^user_closure_/);
    });
});

describe('identity verification', () => {
    it('begins pending, with the link to the hosted page', async () => {
        const user = await legacy('OWNER');
        const idv = await begin(user);
        assert.strictEqual(idv.Status, 'PENDING');
        assert.match(idv.HostedUrl, /^http/);
        const read = await api.IdentityVerifications.get(idv.Id);
        assert.strictEqual(read.UserId, user.Id);
        assert.strictEqual(read.HostedUrl, idv.HostedUrl);
        assert.deepStrictEqual(read.Checks, []);
        assert.deepStrictEqual((await api.IdentityVerifications.getAll(user.Id)).map((s) => [s.Id, s.Status]), [[idv.Id, 'PENDING']]);
        assert.deepStrictEqual(await happened(idv.Id, 'IDENTITY_VERIFICATION_PENDING'), ['IDENTITY_VERIFICATION_PENDING']);
    });
    it('is for an OWNER only', async () => {
        await refused('invalid_action', begin(await legacy('PAYER')));
    });
    it('wants a ReturnUrl', async () => {
        await refused('param_error', api.IdentityVerifications.create((await legacy('OWNER')).Id, {Tag: 'checks'}));
    });
    it('makes the user REGULAR once validated', async () => {
        const user = await legacy('OWNER');
        const idv = await begin(user);
        await decides(idv, 'VALIDATED');
        const read = await api.IdentityVerifications.get(idv.Id);
        assert.strictEqual(read.Status, 'VALIDATED');
        assert.ok(read.Checks.some((c) => c.Type === 'IDENTITY_DOCUMENT_VERIFICATION' && c.CheckStatus === 'VALIDATED'));
        assert.strictEqual((await api.Users.get(user.Id)).KYCLevel, 'REGULAR');
        assert.deepStrictEqual(await happened(idv.Id, 'IDENTITY_VERIFICATION_VALIDATED'), ['IDENTITY_VERIFICATION_VALIDATED']);
        assert.deepStrictEqual(await happened(user.Id, 'USER_KYC_REGULAR'), ['USER_KYC_REGULAR']);
    });
    it('leaves the user LIGHT when refused, and says why', async () => {
        const user = await legacy('OWNER');
        const idv = await begin(user);
        await decides(idv, 'REFUSED');
        const read = await api.IdentityVerifications.get(idv.Id);
        assert.strictEqual(read.Status, 'REFUSED');
        assert.ok(read.Checks.some((c) => c.CheckStatus === 'REFUSED' && c.Reasons.length > 0));
        assert.strictEqual((await api.Users.get(user.Id)).KYCLevel, 'LIGHT');
        assert.deepStrictEqual(await happened(idv.Id, 'IDENTITY_VERIFICATION_FAILED'), ['IDENTITY_VERIFICATION_FAILED']);
    });
    it('reviews a legal user before it is validated', async () => {
        const user = await api.Users.create(new UserLegal(legacyLegal));
        const idv = await begin(user);
        await decides(idv, 'REVIEW');
        assert.strictEqual((await api.IdentityVerifications.get(idv.Id)).Status, 'REVIEW');
        await decides(idv, 'VALIDATED');
        assert.strictEqual((await api.IdentityVerifications.get(idv.Id)).Status, 'VALIDATED');
        const types = ['IDENTITY_VERIFICATION_INCONCLUSIVE', 'IDENTITY_VERIFICATION_VALIDATED'];
        assert.deepStrictEqual(await happened(idv.Id, ...types), types);
    });
});

describe('KYC documents', () => {
    it('are created, get a page, are submitted, and are read by their id alone', async () => {
        const user = await legacy('OWNER');
        const created = await api.Users.createKycDocument(user.Id, {Type: 'IDENTITY_PROOF', Tag: 'checks'});
        assert.strictEqual(created.Status, 'CREATED');
        const png = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');
        await api.Users.createKycPage(user.Id, created.Id, {File: png.toString('base64')});
        await api.Users.updateKycDocument(user.Id, {Id: created.Id, Status: 'VALIDATION_ASKED'});
        const read = await api.KycDocuments.get(created.Id);
        assert.strictEqual(read.UserId, user.Id);
        assert.strictEqual(read.Status, 'VALIDATION_ASKED');
        const types = ['KYC_CREATED', 'KYC_VALIDATION_ASKED'];
        assert.deepStrictEqual(await happened(created.Id, ...types), types);
    });
});

describe('hooks', () => {
    it('are created enabled and valid, one for each type of event', async () => {
        const hook = await api.Hooks.create({EventType: 'TRANSFER_NORMAL_CREATED', Url: 'https://example.org/hooks', Tag: 'checks'});
        assert.deepStrictEqual([hook.Status, hook.Validity], ['ENABLED', 'VALID']);
        const error = await refused('param_error', api.Hooks.create({EventType: 'TRANSFER_NORMAL_CREATED', Url: 'https://example.org/other'}));
        assert.ok(error.errors.EventType);
        assert.strictEqual((await api.Hooks.get(hook.Id)).EventType, 'TRANSFER_NORMAL_CREATED');
    });
    it('are switched off and on, and moved', async () => {
        const hook = await api.Hooks.create({EventType: 'TRANSFER_NORMAL_FAILED', Url: 'https://example.org/hooks'});
        assert.strictEqual((await api.Hooks.update({Id: hook.Id, Status: 'DISABLED'})).Status, 'DISABLED');
        const moved = await api.Hooks.update({Id: hook.Id, Status: 'ENABLED', Url: 'https://example.org/new'});
        assert.deepStrictEqual([moved.Status, moved.Url, moved.Validity], ['ENABLED', 'https://example.org/new', 'VALID']);
    });
    it('are listed in pages', async () => {
        const all = await api.Hooks.getAll({parameters: {page: 1, per_page: 100}});
        const first = await api.Hooks.getAll({parameters: {page: 1, per_page: 1}});
        const second = await api.Hooks.getAll({parameters: {page: 2, per_page: 1}});
        assert.strictEqual(first.length, 1);
        assert.deepStrictEqual([first[0].Id, second[0].Id], all.slice(0, 2).map((h) => h.Id));
    });
    it('are notified of what happens by a GET that names type, resource and date', async () => {
        const told = [];
        const server = http.createServer((request, response) => {
            told.push([request.method, new URL(request.url, 'http://localhost').searchParams]);
            response.end();
        });
        await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
        try {
            const hook = await api.Hooks.create({EventType: 'USER_ACCOUNT_CLOSED', Url: `http://127.0.0.1:${server.address().port}/hooks`});
            const user = await legacy('OWNER');
            await api.Users.close(user);
            while (told.length === 0) {
                await new Promise((turn) => setTimeout(turn, 10));
            }
            const [method, query] = told[0];
            assert.deepStrictEqual([method, query.get('EventType'), query.get('RessourceId')], ['GET', 'USER_ACCOUNT_CLOSED', user.Id]);
            const [event] = await api.Events.getAll({parameters: {EventType: 'USER_ACCOUNT_CLOSED', Sort: 'Date:desc', per_page: 100}})
                .then((list) => list.filter((e) => e.ResourceId === user.Id));
            assert.strictEqual(Number(query.get('Date')), event.Date);
            await api.Hooks.update({Id: hook.Id, Status: 'DISABLED'});
        } finally {
            server.close();
        }
    });
});

describe('events', () => {
    it('are found by type and by date', async () => {
        const user = await legacy('OWNER');
        const before = Math.floor(Date.now() / 1000) + 3600;
        await api.Users.close(user);
        const find = (parameters) => api.Events.getAll({parameters: {EventType: 'USER_ACCOUNT_CLOSED', per_page: 100, ...parameters}});
        assert.ok((await find({AfterDate: before - 7200, BeforeDate: before})).some((e) => e.ResourceId === user.Id));
        assert.deepStrictEqual(await find({AfterDate: before, BeforeDate: before + 60}), []);
    });
    it('are not searched further back than 45 days', async () => {
        const old = Math.floor(Date.now() / 1000) - 46 * 24 * 3600;
        const error = await refused('param_error', api.Events.getAll({parameters: {EventType: 'USER_ACCOUNT_CLOSED', AfterDate: old}}));
        assert.ok(error.errors.AfterDate);
    });
});

describe('wallets and transfers', () => {
    const wallet = (user) => api.Wallets.create({Owners: [user.Id], Currency: 'EUR', Description: 'checks'});
    const transfer = (author, from, to, credited, amount) => api.Transfers.create({
        AuthorId: author.Id, CreditedUserId: credited.Id, DebitedFunds: {Currency: 'EUR', Amount: amount}, Fees: {Currency: 'EUR', Amount: 0},
        DebitedWalletId: from.Id, CreditedWalletId: to.Id,
    });
    // pair makes two users with a wallet each, 1,000 cents in the first, and moves an amount.
    async function pair(from, to, amount) {
        const [author, credited] = [await legacy(from), await legacy(to)];
        const [debited, other] = [await wallet(author), await wallet(credited)];
        await fund(debited, 1000);
        const done = await transfer(author, debited, other, credited, amount);
        return {done, debited: await api.Wallets.get(debited.Id), credited: await api.Wallets.get(other.Id)};
    }
    it('moves money between two OWNERs', async () => {
        const {done, debited, credited} = await pair('OWNER', 'OWNER', 300);
        assert.deepStrictEqual([done.Status, done.ResultCode], ['SUCCEEDED', '000000']);
        assert.deepStrictEqual([debited.Balance.Amount, credited.Balance.Amount], [700, 300]);
        assert.strictEqual((await api.Transfers.get(done.Id)).Status, 'SUCCEEDED');
        assert.deepStrictEqual(await happened(done.Id, 'TRANSFER_NORMAL_SUCCEEDED'), ['TRANSFER_NORMAL_SUCCEEDED']);
    });
    it('does not move more than there is', async () => {
        const {done} = await pair('OWNER', 'OWNER', 1001);
        assert.strictEqual(done.Status, 'FAILED');
    });
    it('fails from an OWNER to a PAYER with 002702', async () => {
        const {done, debited} = await pair('OWNER', 'PAYER', 300);
        assert.deepStrictEqual([done.Status, done.ResultCode, debited.Balance.Amount], ['FAILED', '002702', 1000]);
        assert.deepStrictEqual(await happened(done.Id, 'TRANSFER_NORMAL_FAILED'), ['TRANSFER_NORMAL_FAILED']);
    });
    it('fails from a PAYER to a PAYER with 002701', async () => {
        const {done} = await pair('PAYER', 'PAYER', 300);
        assert.deepStrictEqual([done.Status, done.ResultCode], ['FAILED', '002701']);
    });
});

describe('idempotency', () => {
    const withKey = (key) => ({headers: {'Idempotency-Key': key}});
    it('refuses the second of two requests with one key, and keeps the first answer', async () => {
        const key = 'checks-' + Math.random().toString(36).slice(2, 14).padEnd(12, '0');
        const user = await api.Users.create(new UserNatural(natural('OWNER')), () => {}, withKey(key));
        await refused('idempotent_creation_conflict', api.Users.create(new UserNatural(natural('OWNER')), () => {}, withKey(key)));
        const stored = await api.Idempotency.get(key);
        assert.strictEqual(stored.StatusCode, '200');
        assert.strictEqual(stored.Resource.Id, user.Id);
    });
});
