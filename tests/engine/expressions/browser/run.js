// Reads what jobs.js takes, and {scripts}, from standard input; writes what it gives.
"use strict";
const fs = require("fs");
const path = require("path");
const vm = require("vm");

const load = (file) => vm.runInThisContext(fs.readFileSync(file, "utf8"), { filename: file });
const given = JSON.parse(fs.readFileSync(0, "utf8"));
given.scripts.forEach(load);
process.stdout.write(JSON.stringify(load(path.join(__dirname, "jobs.js"))(given)));
