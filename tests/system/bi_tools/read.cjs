// Opens the published file read-only, as a program in Node would, and answers one request a line.
// {"ask": SQL} gives the rows, {"reopen": true} closes the file and opens it again; an error is an answer too.
const readline = require("node:readline");
const { DuckDBInstance } = require("@duckdb/node-api");

const [, , path, mode = "READ_ONLY"] = process.argv;
let instance;
let connection;

async function open() {
  instance = await DuckDBInstance.create(path, { access_mode: mode });
  connection = await instance.connect();
}

function close() {
  connection?.closeSync();
  instance?.closeSync();
}

async function answer(request) {
  if (request.reopen) {
    close();
    await open();
    return { rows: [] };
  }
  const reader = await connection.runAndReadAll(request.ask);
  return { rows: reader.getRowsJson() };
}

function say(told) {
  console.log(JSON.stringify(told));
}

async function main() {
  try {
    await open();
    say({ rows: [] });
  } catch (error) {
    say({ error: error.message });
    process.exitCode = 1;
    return;
  }
  for await (const line of readline.createInterface({ input: process.stdin })) {
    try {
      say(await answer(JSON.parse(line)));
    } catch (error) {
      say({ error: error.message });
    }
  }
  close();
}

main();
