// A runbook's guide as Slack shows it. Guides ship with keyleak and use a small part of Markdown, see docs/runbooks.md.

/** Markdown of a guide as mrkdwn: **bold**, `code`, links and lists. At most 3,000 characters by the runbook's own limit. */
export function guideMrkdwn(guide: string): string {
  return guide
    .trim()
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/\[([^\]]*)\]\((https:\/\/[^\s)|]+)\)/g, '<$2|$1>')
    .replace(/\*\*([^*]+)\*\*/g, '*$1*')
    .replace(/^- /gm, '• ');
}
