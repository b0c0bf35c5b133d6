#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# What the three shells offer, asked of the shells themselves.

setup() {
	cd "$BATS_TEST_DIRNAME/../.." || return 1
}

# The words bash offers for the last of these, on one line.
in_bash() {
	bash -c '
		. "completions/$1.bash"
		COMP_WORDS=("$@")
		COMP_CWORD=$(($# - 1))
		"_$1"
		echo "${COMPREPLY[*]}"
	' bash "$@"
}

# The same by fish, without its descriptions.
in_fish() {
	fish --no-config -c "
		source completions/${1%% *}.fish
		complete -C '$1'" | cut -f 1 | sort | tr '\n' ' '
}

# What zsh prints after the line and two tabs, typed on a terminal.
in_zsh() {
	# shellcheck disable=SC2016 # for zsh to expand
	timeout 30 zsh -f -c '
		zmodload zsh/zpty
		zpty z "TERM=dumb PS1= zsh -f -i"
		zpty -w z "fpath=($PWD/completions \$fpath)
		    autoload -U compinit; compinit -u -D; stty columns 200
		    bindkey \"^I\" complete-word; echo rea\dy"
		zpty -r -m z out "*ready*"
		zpty -w -n z "$1"$'"'\t\t'"'
		zpty -r -m z out "$2" && echo offered
	' zsh "$1" "$2"
}

@test "bash offers options" {
	[ "$(in_bash mqpub --prop)" = --property ]
	[ "$(in_bash mqpub --no-r)" = --no-reconnect ]
}

@test "bash offers choices in both forms" {
	[ "$(in_bash mqpub -V mqttv31)" = "mqttv311 mqttv31" ]
	[ "$(in_bash mqpub --protocol-version = au)" = auto ]
}

@test "bash offers files where a file is wanted and nowhere else" {
	[ "$(in_bash mqpub -f LICEN)" = LICENSE ]
	[ "$(in_bash mqpub -t LICEN)" = "" ]
}

@test "bash offers packets, then the properties they can have" {
	[ "$(in_bash mqpub -D pub)" = publish ]
	[ "$(in_bash mqpub -D subscribe '')" = \
	    "subscription-identifier user-property" ]
	[ "$(in_bash mqpub -D will will)" = will-delay-interval ]
}

@test "bash offers the words of mqbench" {
	[ "$(in_bash mqbench pubs)" = pubsub ]
}

@test "fish offers options, choices, files and properties" {
	[ "$(in_fish 'mqpub --prop')" = "--property " ]
	[ "$(in_fish 'mqsub --retain-handling ne')" = "never new " ]
	[ "$(in_fish 'mqpub -f LICEN')" = "LICENSE " ]
	[ "$(in_fish 'mqpub -D will will')" = "will-delay-interval " ]
	[ "$(in_fish 'mqpub --help sess')" = "session " ]
	[ "$(in_fish 'mqbench pubs')" = "pubsub " ]
}

@test "zsh offers options, choices, files and properties" {
	in_zsh 'mqpub --prop' '*--prop*erty*'
	in_zsh 'mqsub --retain-handling nev' '*nev*er*'
	in_zsh 'mqpub -f LICEN' '*LICEN*SE*'
	in_zsh 'mqpub -D will will-' '*will-*delay-interval*'
	in_zsh 'mqbench pubs' '*pubs*ub*'
}
