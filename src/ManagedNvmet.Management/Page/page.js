'use strict';

// Requests an overview every two seconds while the page is visible, and draws it without a library. A table is a list of columns. A chart
// draws two lines over the samples of the last five minutes.
const interval = 2000;
const sampleCount = 150;
const shownAtLeast = 30;
const samples = [];
let token = sessionStorage.getItem('token') || '';
let previous = null;
let timer = 0;

const byId = id => document.getElementById(id);

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key === 'class') made.className = value;
    else made.setAttribute(key, value);
  }
  made.append(...children.filter(child => child !== null && child !== undefined));
  return made;
}

function scaled(value, units, base) {
  let unit = 0;
  while (value >= base && unit < units.length - 1) {
    value /= base;
    unit++;
  }
  const digits = unit === 0 || value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return (value % 1 === 0 ? value.toFixed(0) : value.toFixed(digits)) + units[unit];
}

const bytes = value => scaled(value, [' B', ' KiB', ' MiB', ' GiB', ' TiB', ' PiB'], 1024);
const number = value => value < 10000 ? Math.round(value).toLocaleString('en') : scaled(value, ['', ' k', ' M', ' G'], 1000);
const micros = value => value === null ? '–' : value < 10 ? Number(value.toFixed(1)) + ' µs' : value < 1000 ? Math.round(value) + ' µs' : value < 1e6 ? (value / 1000).toPrecision(3) + ' ms' : (value / 1e6).toPrecision(3) + ' s';

function duration(seconds) {
  const [days, hours, minutes] = [Math.floor(seconds / 86400), Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60];
  return days ? `${days} d ${hours} h` : hours ? `${hours} h ${minutes} min` : minutes ? `${minutes} min` : `${Math.floor(seconds)} s`;
}

const clock = time => new Date(time).toLocaleTimeString('en-GB');
const ago = time => duration(Math.max(0, (Date.now() - new Date(time)) / 1000)) + ' ago';

// Estimates the latency that the given share of the commands did not exceed. counts: commands per bucket since the last overview.
// bounds: upper bounds of the buckets in µs.
function quantile(counts, bounds, share) {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (!total) return null;
  let seen = 0;
  for (let index = 0; index < counts.length; index++) {
    if (seen + counts[index] >= total * share) {
      const low = index ? bounds[index - 1] : 0;
      const high = index < bounds.length ? bounds[index] : bounds[bounds.length - 1];
      return low + (high - low) * (total * share - seen) / counts[index];
    }
    seen += counts[index];
  }
  return bounds[bounds.length - 1];
}

function sample(overview) {
  const now = { time: new Date(overview.time).getTime(), pid: overview.server.processId, commands: {}, bytes: {}, counts: [], bounds: [] };
  for (const row of overview.totals) {
    now.commands[row.operation] = row.commands;
    now.bytes[row.operation] = row.bytes;
    row.latencyBuckets.forEach((count, index) => now.counts[index] = (now.counts[index] || 0) + count);
    if (row.latencyBounds.length) now.bounds = row.latencyBounds;
  }
  if (previous && previous.pid === now.pid && now.time > previous.time) {
    const seconds = (now.time - previous.time) / 1000;
    const rate = (kind, operation) => Math.max(0, ((now[kind][operation] || 0) - (previous[kind][operation] || 0)) / seconds);
    const added = now.counts.map((count, index) => Math.max(0, count - (previous.counts[index] || 0)));
    samples.push({
      readBytes: rate('bytes', 'Read'), writeBytes: rate('bytes', 'Write'),
      reads: rate('commands', 'Read'), writes: rate('commands', 'Write'),
      half: quantile(added, now.bounds, .5), most: quantile(added, now.bounds, .99),
      isTimed: now.bounds.length > 0
    });
    if (samples.length > sampleCount) samples.shift();
  }
  if (!previous || now.time !== previous.time) previous = now;
}

function svg(name, attributes, text) {
  const made = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text) made.textContent = text;
  return made;
}

function chart(id, first, second, format, names) {
  const picture = byId(id);
  const width = picture.clientWidth || 400;
  const height = 150, left = 62, bottom = 18, top = 8;
  const values = samples.flatMap(each => [each[first], each[second]]).filter(value => value !== null);
  const highest = Math.max(...values, 0);
  const power = highest > 0 ? (format === bytes ? 2 ** Math.floor(Math.log2(highest)) : 10 ** Math.floor(Math.log10(highest))) : 1;
  const limit = highest > 0 ? Math.ceil(highest / power * 2) / 2 * power : 1;
  const shown = Math.max(samples.length, shownAtLeast);
  const x = index => left + (width - left) * (index + shown - samples.length) / (shown - 1);
  const y = value => top + (height - top - bottom) * (1 - value / limit);
  picture.replaceChildren();
  picture.setAttribute('viewBox', `0 0 ${width} ${height}`);
  for (const share of [0, .5, 1]) {
    picture.append(svg('line', { class: 'grid', x1: left, x2: width, y1: y(limit * share), y2: y(limit * share) }));
    const label = highest > 0 ? format(limit * share) : share === 0 ? '0' : '';
    picture.append(svg('text', { x: left - 8, y: y(limit * share) + 4, 'text-anchor': 'end' }, label));
  }
  picture.append(svg('text', { x: left, y: height - 3 }, `${duration(shown * interval / 1000)} ago`), svg('text', { x: width, y: height - 3, 'text-anchor': 'end' }, 'now'));
  for (const [key, kind] of [[first, 'read'], [second, 'write']]) {
    let line = '';
    let isDown = false;
    samples.forEach((each, index) => {
      if (each[key] === null) { isDown = false; return; }
      line += `${isDown ? 'L' : 'M'}${x(index).toFixed(1)} ${y(each[key]).toFixed(1)}`;
      isDown = true;
    });
    picture.append(svg('path', { class: kind, d: line }));
  }
  const last = samples.at(-1);
  const text = last ? `${names[0]} ${format(last[first] ?? 0)}, ${names[1]} ${format(last[second] ?? 0)}` : 'no sample yet';
  picture.setAttribute('aria-label', `${id} of the last ${duration(shown * interval / 1000)}; now ${text}`);
}

function tile(label, value, note, kind = '') {
  return element('div', { class: `tile ${kind}` },
    element('div', { class: 'label' }, label), element('div', { class: 'value' }, value), element('div', { class: 'note' }, note));
}

// Draws a table. A column is [title, function from a row to a text or an element, CSS classes].
function table(id, caption, rows, columns, empty) {
  const place = byId(id);
  if (!rows.length) {
    place.replaceChildren(element('p', { class: 'empty' }, empty));
    return;
  }
  const head = element('tr', {}, ...columns.map(([title, , kind]) => element('th', { scope: 'col', class: kind || '' }, title)));
  const body = rows.map(row => element('tr', {}, ...columns.map(([title, cell, kind]) =>
    element('td', { class: kind || '', 'data-label': title }, element('div', {}, cell(row))))));
  place.replaceChildren(element('table', { 'aria-label': caption }, element('thead', {}, head), element('tbody', {}, ...body)));
}

const pill = (text, kind) => element('span', { class: `pill ${kind}` }, text);
const two = (first, second) => second ? element('span', {}, first, element('span', { class: 'sub' }, second)) : first;
const mono = text => element('span', { class: 'mono' }, text);

function counted(id, shown, all, note = '') {
  byId(id).textContent = (all > shown ? `the first ${shown} of ${all}` : String(all)) + (note ? `, ${note}` : '');
}

function show(overview) {
  sample(overview);
  const { server, counts, refusals } = overview;
  const last = samples.at(-1);
  const pillKinds = { Running: 'good', Stopping: 'warn', Starting: 'warn' };
  byId('state-pill').className = `pill ${pillKinds[server.state] || 'bad'}`;
  byId('state-pill').textContent = server.state.toLowerCase();
  byId('state-text').textContent = server.configurationFault
    ? `for ${duration(server.uptimeSeconds)} · configuration file not in force: ${server.configurationFault}`
    : `for ${duration(server.uptimeSeconds)}`;
  const inUse = server.shards.reduce((sum, shard) => sum + shard.bufferBytesInUse, 0);
  const limit = server.shards.reduce((sum, shard) => sum + shard.bufferBytesLimit, 0);
  const isShort = server.shards.some(shard => shard.isShortOfBuffers);
  byId('tiles').replaceChildren(
    tile('Hosts connected', number(counts.hostsConnected), `${counts.sessions} ${counts.sessions === 1 ? 'session' : 'sessions'}`),
    tile('Namespaces', number(counts.namespaces), counts.namespacesNotReady ? `${counts.namespacesNotReady} not ready` : 'all ready', counts.namespacesNotReady ? 'warn' : ''),
    tile('Ports', number(counts.ports), counts.portsDown ? `${counts.portsDown} down` : 'all listening', counts.portsDown ? 'bad' : ''),
    tile('Throughput', last ? bytes(last.readBytes + last.writeBytes) + '/s' : '–', last ? `${bytes(last.readBytes)}/s read` : ''),
    tile('Commands', last ? number(last.reads + last.writes) + '/s' : '–', last ? `${number(last.reads)}/s reads` : ''),
    tile('Buffers', bytes(inUse), isShort ? 'commands wait for one' : `of ${bytes(limit)}`, isShort ? 'warn' : ''),
    tile('Refused', number(refusals.total), refusals.last.length ? 'last ' + ago(refusals.last[0].time) : 'never'));

  chart('throughput', 'readBytes', 'writeBytes', bytes, ['read', 'write']);
  chart('commands', 'reads', 'writes', number, ['read', 'write']);
  chart('latency', 'half', 'most', micros, ['half of the commands', '99 of 100']);
  byId('throughput-now').textContent = last ? `${bytes(last.readBytes)}/s · ${bytes(last.writeBytes)}/s` : '';
  byId('commands-now').textContent = last ? `${number(last.reads)}/s · ${number(last.writes)}/s` : '';
  byId('latency-now').textContent = last && last.isTimed ? `${micros(last.half)} · ${micros(last.most)}` : 'not measured';

  counted('refusals-count', refusals.last.length, refusals.total);
  table('refusals', 'Refusals', refusals.last.slice(0, 20), [
    ['When', row => two(clock(row.time), ago(row.time)), 'short'],
    ['Who', row => two(mono(row.hostNqn || row.remoteAddress || 'unknown'), row.hostNqn ? row.remoteAddress : null)],
    ['Why', row => two(pill(row.reason, 'bad'), row.detail)],
    ['What would change it', row => element('span', { class: 'remedy' }, row.remedy)]
  ], 'Nothing was refused since the start.');

  counted('sessions-count', overview.sessions.length, counts.sessions);
  table('sessions', 'Sessions', overview.sessions, [
    ['Session', row => String(row.number), 'key-column'],
    ['Host', row => two(mono(row.hostNqn), row.remoteAddress + (row.connectedAt ? ', since ' + ago(row.connectedAt).replace(' ago', '') : ''))],
    ['Subsystem', row => row.isDiscovery ? pill('discovery', '') : mono(row.subsystemNqn)],
    ['State', row => pill(row.state.toLowerCase(), row.state === 'Ready' ? 'good' : 'warn')],
    ['I/O queues', row => number(row.ioQueues), 'num'],
    ['In flight', row => number(row.commandsInFlight), 'num'],
    ['Keep alive', row => row.keepAliveMilliseconds ? `${row.keepAliveMilliseconds / 1000} s` : 'off', 'num']
  ], 'No host is connected.');

  counted('hosts-count', overview.hosts.length, counts.hosts, `${counts.hostsConnected} connected`);
  table('hosts', 'Hosts', overview.hosts, [
    ['Host', row => two(mono(row.nqn), row.addresses.join(', '))],
    ['State', row => row.isSuspectedDuplicate ? pill('connected twice: a clone?', 'bad') : row.isConnected ? pill('connected', 'good') : pill('away', '')],
    ['Sessions', row => number(row.sessions), 'num'],
    ['I/O queues', row => number(row.ioQueues), 'num'],
    ['Allowed on', row => row.allowedOn.length ? mono(row.allowedOn.slice(0, 3).join(', ') + (row.allowedOn.length > 3 ? ` and ${row.allowedOn.length - 3} more` : '')) : 'not named']
  ], 'No host is connected, and none is named.');

  counted('namespaces-count', overview.namespaces.length, counts.namespaces);
  table('namespaces', 'Namespaces', overview.namespaces, [
    ['Number', row => String(row.id), 'key-column'],
    ['Device', row => two(mono(row.device), row.problem || row.medium)],
    ['State', row => row.state === 'Ready' ? pill(row.isReadOnly ? 'read-only' : 'ready', row.isReadOnly ? '' : 'good') : pill(row.state === 'Disabled' ? 'disabled' : 'not ready', row.state === 'Disabled' ? '' : 'warn')],
    ['Size', row => bytes(row.sizeBytes), 'num'],
    ['Read', row => bytes(row.readBytes), 'num'],
    ['Written', row => bytes(row.writtenBytes), 'num'],
    ['Media errors', row => row.mediaErrors ? pill(number(row.mediaErrors), 'bad') : '0', 'num'],
    ['Subsystem', row => mono(row.subsystemNqn)]
  ], 'There is no namespace.');

  counted('subsystems-count', overview.subsystems.length, counts.subsystems);
  table('subsystems', 'Subsystems', overview.subsystems, [
    ['Name', row => two(mono(row.nqn), `${row.modelNumber}, serial number ${row.serialNumber}`)],
    ['Who may connect', row => row.allowsAnyHost ? pill('any host', 'warn') : `${row.allowedHosts.length} ${row.allowedHosts.length === 1 ? 'host' : 'hosts'}`],
    ['Namespaces', row => number(row.namespaces), 'num'],
    ['Sessions', row => number(row.sessions), 'num']
  ], 'There is no subsystem.');

  counted('ports-count', overview.ports.length, counts.ports);
  table('ports', 'Ports', overview.ports, [
    ['Port', row => String(row.id), 'key-column'],
    ['Address', row => two(mono(row.address), row.problem || (row.mdns && `mDNS: ${row.mdns}`))],
    ['State', row => row.isListening ? pill('listening', 'good') : pill('down', 'bad')],
    ['Subsystems', row => row.subsystems ? String(row.subsystems.length) : 'all', 'num'],
    ['Sessions', row => number(row.sessions), 'num']
  ], 'No port is configured.');

  table('busiest', 'Hosts with the most commands', overview.statistics.slice(0, 20), [
    ['Host', row => row.hostNqn ? mono(row.hostNqn) : 'all hosts'],
    ['Namespace', row => two(String(row.namespaceId), row.subsystemNqn)],
    ['Operation', row => row.operation.toLowerCase()],
    ['Commands', row => number(row.commands), 'num'],
    ['Bytes', row => bytes(row.bytes), 'num'],
    ['Mean latency', row => row.latencyMicroseconds ? micros(row.latencyMicroseconds / row.commands) : '–', 'num'],
    ['Failed', row => row.failures ? pill(number(row.failures), 'bad') : '0', 'num']
  ], 'No host has sent an I/O command yet.');

  byId('events').replaceChildren(...overview.events.map(event => element('li', { class: event.level.toLowerCase() },
    element('time', { datetime: event.time }, clock(event.time)),
    element('span', { class: 'what' }, (event.level === 'Information' ? '' : event.level + ': ') + event.message))));
  byId('footer').textContent = `ManagedNvmet ${server.version} · process ${server.processId} · ${server.shards.length} ${server.shards.length === 1 ? 'shard' : 'shards'} · ${server.diskEngine} · ${server.stateFolder}`;
  document.title = `${counts.hostsConnected} ${counts.hostsConnected === 1 ? 'host' : 'hosts'} – ManagedNvmet`;
}

function lost(text) {
  byId('state-pill').className = 'pill bad';
  byId('state-pill').textContent = 'no answer';
  byId('state-text').textContent = text;
}

function askForToken(wasWrong) {
  byId('content').hidden = true;
  byId('token-form').hidden = false;
  byId('token-error').textContent = wasWrong ? 'The server does not know this token.' : '';
  byId('state-pill').className = 'pill';
  byId('state-pill').textContent = 'locked';
  byId('state-text').textContent = '';
  byId('token').focus();
}

async function refresh() {
  clearTimeout(timer);
  try {
    const response = await fetch('/v1/overview', { headers: token ? { Authorization: `Bearer ${token}` } : {}, cache: 'no-store' });
    if (response.status === 401) {
      const wasWrong = token !== '';
      token = '';
      sessionStorage.removeItem('token');
      askForToken(wasWrong);
      return;
    }
    if (!response.ok) throw new Error(`the server responded with status ${response.status}`);
    const overview = await response.json();
    byId('token-form').hidden = true;
    byId('content').hidden = false;
    show(overview);
  } catch (error) {
    lost(error.message);
  }
  if (!document.hidden) timer = setTimeout(refresh, interval);
}

byId('token-form').addEventListener('submit', event => {
  event.preventDefault();
  token = byId('token').value.trim();
  sessionStorage.setItem('token', token);
  byId('token').value = '';
  refresh();
});
document.addEventListener('visibilitychange', () => { if (!document.hidden && byId('token-form').hidden) refresh(); });
window.addEventListener('load', refresh);
