// Reads a JSON list of Slack messages from stdin; writes the HTML of each, as a JSON list.
import { readFileSync } from "node:fs";
import { createElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { Message } from "slack-blocks-to-jsx";

const LOGO = "data:image/gif;base64,R0lGODlhAQABAIAAAFdCrf///yH5BAAAAAAALAAAAAABAAEAAAICRAEAOw==";
const users = [
  { id: "U0MIA", name: "mia" },
  { id: "U0OMAR", name: "omar" },
  { id: "U0OLGA", name: "olga" },
];
const messages = JSON.parse(readFileSync(0, "utf8"));
const html = messages.map(({ blocks, theme }) =>
  renderToStaticMarkup(
    createElement(Message, {
      blocks,
      theme,
      logo: LOGO,
      name: "Signoff",
      time: new Date("2026-11-02T12:00:00Z"),
      data: { users, channels: [], userGroups: [] },
    }),
  ),
);
process.stdout.write(JSON.stringify(html));
