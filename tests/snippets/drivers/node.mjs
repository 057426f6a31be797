// Reads {receivers: {scheme: file}, cases: […]} and says for each case whether its receiver believes it.
import { readFileSync } from "node:fs";

process.env.PORT = "0";
const { receivers, cases } = JSON.parse(readFileSync(0, "utf8"));

const verify = {};
for (const [scheme, file] of Object.entries(receivers)) {
  // It reads its key as it starts; what it is asked about comes with keys of its own.
  process.env.WEBHOOK_SECRET = cases.find((one) => one.scheme === scheme).secrets[0];
  const receiver = await import(file);
  receiver.server.close();
  verify[scheme] = receiver.verify;
}

// What node:http makes of headers: names in lower case, values that came more than once joined.
const asNodeGives = (headers) => {
  const given = {};
  for (const [name, value] of headers) {
    const key = name.toLowerCase();
    given[key] = key in given ? `${given[key]}, ${value}` : value;
  }
  return given;
};

const verdicts = cases.map(({ scheme, headers, body, secrets, arguments: rest }) => {
  try {
    verify[scheme](asNodeGives(headers), Buffer.from(body, "base64"), secrets, ...rest);
    return { good: true };
  } catch (error) {
    return { good: false, reason: error.message, broke: error.constructor.name !== "Rejected" };
  }
});
console.log(JSON.stringify(verdicts));
