# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# make install below DESTDIR, programs built against what is there, those of
# README.md among them, and make uninstall.

load helper/broker

setup_file() {
	make -s -C "$ROOT" install V=release PREFIX=/opt/mqkit \
	    DESTDIR="$BATS_FILE_TMPDIR" 3>&-
	broker_start "$BATS_FILE_TMPDIR/broker"
}

teardown_file() {
	broker_stop
}

teardown() {
	[ -z "${PROGRAM_PID-}" ] || kill -KILL "$PROGRAM_PID" 2>/dev/null ||
	    true
}

setup() {
	STAGE=$BATS_FILE_TMPDIR
	AT=$STAGE/opt/mqkit
	export PKG_CONFIG_PATH=$AT/lib/pkgconfig PKG_CONFIG_SYSROOT_DIR=$STAGE
	cd "$BATS_TEST_TMPDIR" || return
	cat >user.c <<-'END'
	#include <mqk.h>
	#include <stdio.h>

	int
	main(void)
	{
		return (puts(mqk_strerror(MQK_ETIMEOUT)) < 0);
	}
	END
}

compile() {
	# shellcheck disable=SC2046 # a list of words
	cc -std=c11 -Wall -Werror user.c -o user "$@"
}

flags() {
	pkg-config --cflags --libs "$@" libmqk
}

@test "programs, pages and completions are in their places" {
	for tool in mqpub mqsub mqbench; do
		[ -x "$AT/bin/$tool" ]
		[ -s "$AT/share/man/man1/$tool.1" ]
		[ -s "$AT/share/bash-completion/completions/$tool" ]
		[ -s "$AT/share/zsh/site-functions/_$tool" ]
		[ -s "$AT/share/fish/vendor_completions.d/$tool.fish" ]
	done
	[ -s "$AT/share/man/man3/libmqk.3" ]
	[ ! -e "$AT/bin/mqgen" ]
}

@test "an installed tool needs no library of ours and none it does not use" {
	run ldd "$AT/bin/mqpub"
	[ "$status" -eq 0 ]
	[[ $output != *libmqk* && $output != *libev* && $output != *cjson* ]]
	"$AT/bin/mqsub" --version
}

@test "a program links the shared library by pkg-config" {
	# shellcheck disable=SC2046 # a list of words
	compile $(flags)
	LD_LIBRARY_PATH=$AT/lib run ./user
	[ "$output" = 'timed out' ]
	LD_LIBRARY_PATH=$AT/lib ldd user | grep -q "$AT/lib/libmqk.so.0 "
}

@test "a program links the static library" {
	# shellcheck disable=SC2046 # a list of words
	compile $(flags --static | sed "s|-lmqk|$AT/lib/libmqk.a|")
	run ./user
	[ "$output" = 'timed out' ]
	! ldd user | grep -q libmqk
}

@test "names inside the static library clash with none of the user's" {
	cat >>user.c <<-'END'

	int session_new(void);
	int buf_append(void);
	int session_new(void) { return (0); }
	int buf_append(void) { return (0); }
	END
	# shellcheck disable=SC2046 # a list of words
	compile $(flags --static | sed "s|-lmqk|$AT/lib/libmqk.a|")
	./user
}

# ---- the programs of README.md ----

# The N-th block of C.
source_of() {
	awk -v n="$1" '
	/^```/ { inside = /^```c$/; count += inside; next }
	inside && count == n' "$ROOT/README.md"
}

# program N: compiled as a user would, as C and as C++.
program() {
	source_of "$1" >program.c
	[ -s program.c ]
	# shellcheck disable=SC2046 # a list of words
	c++ -x c++ -std=c++11 -Wall -Wextra -Wpedantic -Werror -c \
	    program.c -o program.o $(pkg-config --cflags libmqk)
	# shellcheck disable=SC2046
	cc -std=c11 -Wall -Wextra -Wpedantic -Werror program.c -o program \
	    $(flags)
	export LD_LIBRARY_PATH=$AT/lib
	URL=mqtt://127.0.0.1:$PORT
}

@test "the blocking program of README.md" {
	program 1
	run ./program "$URL"
	[ "$output" = $'greetings/world: hello\nbye' ]
	[ "$status" -eq 0 ]
}

@test "it says why it can't, and links the static library" {
	program 1
	# shellcheck disable=SC2046
	cc -std=c11 program.c -o program \
	    $(flags --static | sed "s|-lmqk|$AT/lib/libmqk.a|")
	run ./program "$URL"
	[ "$status" -eq 0 ]
	run ./program mqtt://127.0.0.1:1
	[ "$status" -eq 1 ]
	[[ $output == *'127.0.0.1:1: Connection refused'* ]]
}

@test "all programs of README.md say that there is no broker, and no URL" {
	local n

	for n in 1 2 3 4 5; do
		program "$n"
		run timeout 6 ./program mqtt://127.0.0.1:1 </dev/null
		[ "$status" -ne 0 ]
		[[ $output == *'127.0.0.1:1: Connection refused'* ]] ||
		    { echo "program $n: $output"; return 1; }
		run ./program nonsense
		[ "$status" -eq 1 ]
		[[ $output == *scheme* ]]
	done
}

@test "the program of README.md that answers requests" {
	program 5
	./program "$URL" 3>&- &
	PROGRAM_PID=$!
	wait_for 10 grep -q 'services/upper' "$BROKER_DIR/log"
	mqsub -p "$PORT" -t answers/me -C 1 -W 10 -F '%p %D' >output 3>&- &
	SUB_PID=$!
	wait_for 10 grep -q 'answers/me' "$BROKER_DIR/log"
	mqpub -p "$PORT" -t services/upper -m hello -q 1 \
	    -D publish response-topic answers/me \
	    -D publish correlation-data 42
	wait_end 10 "$SUB_PID"
	[ "$(cat output)" = 'HELLO 42' ]
	kill "$PROGRAM_PID"
	wait "$PROGRAM_PID" || true
}

@test "the threaded program of README.md" {
	program 2
	run ./program "$URL"
	[ "$output" = $'connected, session new\n10 of 10 arrived' ]
	[ "$status" -eq 0 ]
}

@test "the program of README.md with a loop of its own" {
	program 3
	mkfifo input
	./program "$URL" <input >output 3>&- &
	PROGRAM_PID=$!
	exec 7>input
	printf 'one\ntwo\n' >&7
	wait_for 10 has_lines 2 output
	echo three >&7
	wait_for 10 has_lines 3 output
	exec 7>&-
	wait_end 10 "$PROGRAM_PID"
	[ "$(cat output)" = $'one\ntwo\nthree' ]
}

# Killed before it has acknowledged, it gets the same again.
@test "the program of README.md that acknowledges by hand" {
	local i

	program 4
	./program "$URL" >output 3>&- &
	PROGRAM_PID=$!
	wait_subscribed batch-worker
	for i in 1 2; do
		mqpub -p "$PORT" -t jobs/a -q 1 -m "job $i"
	done
	kill -KILL "$PROGRAM_PID"
	wait "$PROGRAM_PID" || true
	[ ! -s output ]
	mqpub -p "$PORT" -t jobs/a -q 1 -m 'job 3'
	run ./program "$URL"
	[ "$output" = $'job 1\njob 2\njob 3' ]
	for i in 4 5 6; do
		mqpub -p "$PORT" -t jobs/a -q 1 -m "job $i"
	done
	run ./program "$URL"
	[ "$output" = $'job 4\njob 5\njob 6' ]
}

@test "the program of libmqk.3" {
	sed -n '/^\.Bd -literal/,/^\.Ed/{/^\.[BE]d/d;s/\\e/\\/g;p;}' \
	    "$AT/share/man/man3/libmqk.3" >page.c
	# shellcheck disable=SC2046 # a list of words
	cc -std=c11 -Wall -Wextra -Wpedantic -Werror page.c -o page $(flags)
	LD_LIBRARY_PATH=$AT/lib ./page "mqtt://127.0.0.1:$PORT"
	run mqsub -p "$PORT" -t hello -C 1 -W 10
	[ "$output" = world ]
	LD_LIBRARY_PATH=$AT/lib run ./page nowhere
	[ "$status" -eq 1 ]
	[ "$output" = "URL: there is no scheme such as mqtt://" ]
}

@test "there are no further programs" {
	[ -z "$(source_of 6)" ]
}

@test "a client in a libev loop" {
	cat >ev.c <<-'END'
	#include <mqk_ev.h>
	#include <stdio.h>

	static int
	on_message(struct mqk_client *c, const struct mqk_message *m,
	    void *user)
	{
		(void)user;
		puts(m->topic);
		mqk_disconnect(c, 0, NULL);
		return (0);
	}

	static void
	on_idle(struct mqk_ev *ev, int error)
	{
		printf("idle: %s\n", mqk_strerror(error));
		mqk_ev_stop(ev);
	}

	int
	main(int argc, char **argv)
	{
		static struct mqk_options options;
		static struct mqk_handlers handlers;
		static struct mqk_filter filter;
		static struct mqk_publish tick;
		static struct mqk_ev ev;
		struct mqk_client *client;

		options.url = argv[argc - 1];
		handlers.on_message = on_message;
		filter.topic = tick.topic = "tick";
		if (mqk_client_new(&client, &options) < 0)
			return (1);
		mqk_set_handlers(client, &handlers);
		if (mqk_connect(client) < 0 ||
		    mqk_subscribe(client, &filter, 1, NULL) < 0 ||
		    mqk_publish(client, &tick) < 0)
			return (1);
		mqk_ev_start(&ev, EV_DEFAULT, client);
		ev.on_idle = on_idle;
		ev_run(EV_DEFAULT, 0);
		mqk_client_free(client);
		return (0);
	}
	END
	# shellcheck disable=SC2046
	cc -std=c11 -Wall -Wextra ev.c -o ev $(flags) -lev
	LD_LIBRARY_PATH=$AT/lib run ./ev "mqtt://127.0.0.1:$PORT"
	[ "$output" = $'tick\nidle: stopped' ]
}

# A table of README.md names the tests that use the library so.
@test "every test that README.md names is there" {
	local kind= name

	while read -r name; do
		case $name in
		like:*) kind=${name#like:} ;;
		*.c) [ -f "$ROOT/tests/unit/$name" ] ;;
		*) grep -qx "		TEST($name)," \
		    "$ROOT/tests/unit/test_like_$kind.c" || return ;;
		esac
	done < <(awk -F '|' '
	    /^### If you come from/ { inside = 1; next }
	    /^##/ { inside = 0 }
	    inside && /\(`[a-z]*`\):$/ {
		kind = $0
		gsub(/^.*\(`|`\):$/, "", kind)
		print "like:" kind
	    }
	    inside && $4 ~ /`/ { gsub(/[` ]/, "", $4); print $4 }
	    ' "$ROOT/README.md")
	[ "$kind" = hooks ]
}

@test "uninstall takes everything away again" {
	make -s -C "$ROOT" uninstall V=release PREFIX=/opt/mqkit \
	    DESTDIR="$STAGE" 3>&-
	run find "$AT" ! -type d
	[ -z "$output" ]
}
