// Reads a JSON list of Slack messages from stdin; writes the HTML of each, as a JSON list.
import { text } from "node:stream/consumers";
import { createElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { Message } from "slack-blocks-to-jsx";

const LOGO = "data:image/gif;base64,R0lGODlhAQABAIAAAFdCrf///yH5BAAAAAAALAAAAAABAAEAAAICRAEAOw==";
const users = [
  { id: "U0MIA", name: "mia" },
  { id: "U0OMAR", name: "omar" },
  { id: "U0OLGA", name: "olga" },
];
// This renderer shows the markup itself where `verbatim` is set; Slack only leaves out what it would
// add of its own accord: links to channels and addresses.
const shown = (key, value) => (key === "verbatim" ? undefined : value);
const messages = JSON.parse(await text(process.stdin), shown);
const html = messages.map(({ blocks, theme }) =>
  renderToStaticMarkup(
    createElement(Message, {
      blocks,
      theme,
      logo: LOGO,
      name: "Signoff",
      time: new Date("2026-11-02T12:00:00Z"),
      data: { users, channels: [], user_groups: [] },
    }),
  ),
);
process.stdout.write(JSON.stringify(html));
