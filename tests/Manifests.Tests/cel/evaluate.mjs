// Evaluates a ValidatingAdmissionPolicy as the API server does: reads {policy, cases: [{object, oldObject}]}, writes for each case whether the
// policy applies, whether it admits, and with which message. CEL itself is cel-js; what Kubernetes adds to it, and where cel-js differs from
// cel-go, is here.
import {Environment, Duration} from '@marcbachmann/cel-js/evaluator'
import {isDeepStrictEqual} from 'node:util'
import {readFileSync} from 'node:fs'

const {policy, cases} = JSON.parse(readFileSync(0, 'utf8'))
const environment = new Environment()
  .registerVariable('object', 'dyn')
  .registerVariable('oldObject', 'dyn')
  .registerVariable('variables', 'dyn')
  // Kubernetes' own libraries.
  .registerFunction('string.find(string): string', (text, pattern) => text.match(re2(pattern))?.[0] ?? '')
  .registerFunction('list.indexOf(dyn): int', (list, item) => BigInt(list.findIndex(other => isDeepStrictEqual(other, item))))
  .registerFunction('string.replace(string, string): string', (text, old, replacement) => text.replaceAll(old, replacement))
  // Read by Go, these take what cel-js does not: "0" and the Greek letter, and numbers of more than 20 characters.
  .registerFunction('goDuration(string): google.protobuf.Duration', goDuration)
  .registerFunction('goDouble(string): double', Number)

const compile = expression => {
  for (const [, pattern] of expression.matchAll(/\.(?:matches|find)\(r?(['"])(.*?)\1\)/g)) re2(pattern)
  return environment.parse(expression.replaceAll('duration(', 'goDuration(').replaceAll('double(', 'goDouble('))
}

/** What JavaScript takes and RE2 does not. */
function re2(pattern) {
  if (/\\[1-9]|\(\?[=!<]/.test(pattern)) throw new Error(`RE2 has no lookaround and no backreferences: ${pattern}`)
  for (const [, most] of pattern.matchAll(/\{(?:\d+,)?(\d+)\}/g)) if (most > 1000) throw new Error(`RE2 repeats at most 1000 times: ${pattern}`)
  return new RegExp(pattern, 'u')
}

function goDuration(text) {
  const units = {h: 3600e9, m: 60e9, s: 1e9, ms: 1e6, us: 1e3, µs: 1e3, μs: 1e3, ns: 1}
  let nanoseconds = 0n
  for (const [, whole, fraction, unit] of text.matchAll(/(\d*)\.?(\d*)(h|ms|m|s|us|µs|μs|ns)/g))
    nanoseconds += BigInt(whole || 0) * BigInt(units[unit]) + BigInt(Math.trunc(Number(`0.${fraction || 0}`) * units[unit]))
  if (nanoseconds > 9223372036854775807n) throw new Error(`${text} does not fit a duration`)
  return new Duration(nanoseconds / 1000000000n, Number(nanoseconds % 1000000000n))
}

const conditions = policy.matchConditions.map(({expression}) => compile(expression))
const variables = policy.variables.map(({name, expression}) => [name, compile(expression)])
const validations = policy.validations.map(({expression, messageExpression}) => [compile(expression), compile(messageExpression)])

const results = cases.map(({object, oldObject}) => {
  try {
    const context = {object, oldObject: oldObject ?? null, variables: {}}
    if (!conditions.every(condition => condition(context) === true)) return {applies: false, admitted: true}
    for (const [name, value] of variables) context.variables[name] = value(context)
    const failed = validations.find(([valid]) => valid(context) !== true)
    return {applies: true, admitted: !failed, message: failed?.[1](context)}
  } catch (error) {
    // failurePolicy decides; here it is a fault of the policy.
    return {applies: true, admitted: policy.failurePolicy === 'Ignore', error: error.message}
  }
})
process.stdout.write(JSON.stringify(results))
