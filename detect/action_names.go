package detect

import (
	"slices"
	"strings"
	"unicode"
)

// actionWords are the first words of method names, as client libraries and API
// style guides (google.aip.dev, the AWS and Kubernetes APIs) use them.
var actionWords = map[Action][]string{
	ActionRead: {
		"get", "list", "describe", "head", "read", "query", "search", "lookup", "find", "fetch", "count", "exists",
		"check", "has", "select", "show", "resolve", "validate", "scan", "stat", "stats", "glob", "load", "first", "last",
		"take", "pluck", "retrieve", "view", "peek", "mget", "hget", "hgetall", "hmget", "smembers", "lrange", "zrange",
		"zscore", "ttl", "keys", "inspect", "lstat", "readdir", "introspect",
	},
	ActionSet: {
		"put", "set", "delete", "remove", "del", "upsert", "replace", "hset", "mset", "expire", "unlink", "destroy",
		"cancel", "disable", "enable", "purge", "upload",
	},
	ActionCreate: {
		"create", "insert", "add", "send", "publish", "post", "charge", "push", "enqueue", "submit", "invoke",
		"append", "incr", "incrby", "decr", "decrby", "lpush", "rpush", "xadd", "emit", "produce", "notify", "trigger", "pay", "refund",
		"capture", "transfer", "sendmail",
	},
	ActionConnect: {"ping", "connect", "dial", "open", "login", "handshake", "bind"},
	ActionWait: {
		"watch", "subscribe", "psubscribe", "consume", "receive", "listen", "stream", "serve", "run", "start", "poll", "accept",
		"recv", "wait", "next", "tail", "follow", "blpop", "brpop", "blmove", "bzpopmin", "bzpopmax", "xread", "xreadgroup", "campaign", "block", "loop", "reader",
	},
	ActionLocal: {"ack", "nack", "reject", "channel", "commit", "rollback", "drain", "close", "abort", "unsubscribe", "unlock", "header", "trailer"},
}

// actionNames are whole names whose first word misleads.
var actionNames = map[string]Action{
	"ReadMessage": ActionWait, "FetchMessage": ActionWait, "NextReader": ActionWait, "ReadJSON": ActionWait,
	"ReadFrom": ActionWait, "PollFetches": ActionWait, "PollRecords": ActionWait, "FetchMessages": ActionWait,
	"DialAndSend": ActionCreate, "GetOrCreate": ActionSet, "FirstOrCreate": ActionSet, "GetBlockingStream": ActionWait,
	"Channel": ActionLocal, "GetDel": ActionSet, "GetEx": ActionSet, "GetSet": ActionSet,
	"ChannelWithSubscriptions": ActionLocal, "RunQuery": ActionRead,
}

var wordAction = func() map[string]Action {
	out := map[string]Action{}
	for op, words := range actionWords {
		for _, w := range words {
			out[w] = op
		}
	}
	return out
}()

// namedAction goes by the first word of a method's name.
func namedAction(method string) Action {
	if op, ok := actionNames[method]; ok {
		return op
	}
	if op := wordAction[firstWord(method)]; op != "" {
		// Starting a thing is an order; Start alone serves until it is stopped.
		if op == ActionWait && firstWord(method) != strings.ToLower(method) && slices.Contains([]string{"start", "next"}, firstWord(method)) {
			return ""
		}
		return op
	}
	if strings.HasSuffix(method, "Loop") {
		return ActionWait
	}
	return ""
}

// firstWord is the first word of a name in mixed case, in lower case: "GetObject"
// gives "get", "HGetAll" gives "hgetall", "MGet" "mget".
func firstWord(name string) string {
	for i, r := range name {
		if i > 1 && unicode.IsUpper(r) {
			return strings.ToLower(name[:i])
		}
		if i == 1 && unicode.IsUpper(r) {
			return strings.ToLower(name) // a Redis command
		}
	}
	return strings.ToLower(name)
}
