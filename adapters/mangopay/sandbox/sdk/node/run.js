'use strict';

// Runs files of tests with the SDK pointed at the sandbox, and tells how each test ended.
const fs = require('fs');
const path = require('path');
const Mocha = require('mocha');

require('mangopay4-nodejs-sdk/lib/config').baseUrl = process.env.SANDBOX_URL;

// A test of the SDK that asks for what the sandbox has not got waits for a callback that never comes.
const mocha = new Mocha({ui: 'bdd', timeout: 3000, reporter: function () {}});
process.argv.slice(2).forEach((file) => mocha.addFile(path.resolve(file)));

const told = new Set();

function tell(test, result, why, at = Date.now()) {
    if (told.has(test)) {
        return;
    }
    told.add(test);
    const line = {
        service: path.basename(test.file, '.js'), test: test.fullTitle(), result,
        why: why ? String(why.message || why).split('\n')[0] : '', at,
    };
    fs.appendFileSync(process.env.SDK_RESULTS, JSON.stringify(line) + '\n');
}

// all returns every test of a suite and of those within it.
function all(suite) {
    return suite.tests.concat(...suite.suites.map(all));
}

const runner = mocha.run(() => process.exit(0));
runner.on('pass', (test) => tell(test, 'passed'));
runner.on('pending', (test) => tell(test, 'skipped'));
runner.on('fail', (failed, why) => {
    // Where a hook fails, none of the tests that it prepares is run: they fail at one instant.
    const tests = failed.type === 'hook' ? all(failed.parent) : [failed];
    const at = Date.now();
    tests.forEach((test) => tell(test, 'failed', why, at));
});
