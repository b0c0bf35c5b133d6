# bash completion for mqpub; generated from its options

_mqpub()
{
	local cur=${COMP_WORDS[COMP_CWORD]} words=""
	local prev=${COMP_WORDS[COMP_CWORD - 1]}

	COMPREPLY=()
	# bash splits --name=value at the equals sign
	if [[ $cur == = ]]; then
		cur=""
	elif [[ $prev == = ]]; then
		prev=${COMP_WORDS[COMP_CWORD - 2]}
	fi
	case $prev in
	-f | --file)
		compopt -o filenames 2>/dev/null
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		return
		;;
	-h | --host)
		words="$(compgen -A hostname)"
		;;
	-A | --bind-address)
		words="$(compgen -A hostname)"
		;;
	--auth-method)
		words="SCRAM-SHA-1 SCRAM-SHA-256 SCRAM-SHA-512"
		;;
	--unix)
		compopt -o filenames 2>/dev/null
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		return
		;;
	--cafile)
		compopt -o filenames 2>/dev/null
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		return
		;;
	--capath)
		compopt -o filenames 2>/dev/null
		mapfile -t COMPREPLY < <(compgen -d -- "$cur")
		return
		;;
	--cert)
		compopt -o filenames 2>/dev/null
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		return
		;;
	--key)
		compopt -o filenames 2>/dev/null
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		return
		;;
	--key-password-file)
		compopt -o filenames 2>/dev/null
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		return
		;;
	--keyform)
		words="pem engine"
		;;
	--tls-crl)
		compopt -o filenames 2>/dev/null
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		return
		;;
	--tls-server-name)
		words="$(compgen -A hostname)"
		;;
	--tls-version)
		words="tlsv1.2 tlsv1.3"
		;;
	--tls-max-version)
		words="tlsv1.2 tlsv1.3"
		;;
	--tls-keylog)
		compopt -o filenames 2>/dev/null
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		return
		;;
	--store)
		compopt -o filenames 2>/dev/null
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		return
		;;
	-V | --protocol-version)
		words="auto 5 mqttv5 311 mqttv311 31 mqttv31"
		;;
	-D | --property)
		words="connect publish subscribe unsubscribe disconnect will"
		;;
	--help)
		words="all publish connection transport tls store session general"
		;;
	-t | --topic | \
	-m | --message | \
	-q | --qos | \
	--repeat | \
	--repeat-delay | \
	--reconnect-time | \
	-p | --port | \
	-L | --url | \
	-u | --username | \
	-P | --pw | \
	--reauth-interval | \
	-i | --id | \
	-I | --id-prefix | \
	--connect-timeout | \
	--tcp-keepalive | \
	--reconnect-delay | \
	--reconnect-max-delay | \
	--reconnect-tries | \
	--proxy | \
	--ws-path | \
	--ws-header | \
	--ciphers | \
	--tls-ciphersuites | \
	--tls-alpn | \
	--psk | \
	--psk-identity | \
	--tls-engine | \
	--tls-engine-kpass-sha1 | \
	-k | --keepalive | \
	-x | --session-expiry-interval | \
	-M | --max-inflight | \
	--will-topic | \
	--will-payload | \
	--will-qos | \
	=)
		return
		;;
	esac
	case ${COMP_WORDS[COMP_CWORD - 2]-}:$prev in
	-D:connect | --property:connect)
		words="session-expiry-interval authentication-method authentication-data request-problem-information request-response-information receive-maximum topic-alias-maximum user-property maximum-packet-size"
		;;
	-D:publish | --property:publish)
		words="payload-format-indicator message-expiry-interval content-type response-topic correlation-data topic-alias user-property"
		;;
	-D:subscribe | --property:subscribe)
		words="subscription-identifier user-property"
		;;
	-D:unsubscribe | --property:unsubscribe)
		words="user-property"
		;;
	-D:disconnect | --property:disconnect)
		words="session-expiry-interval reason-string user-property"
		;;
	-D:will | --property:will)
		words="payload-format-indicator message-expiry-interval content-type response-topic correlation-data will-delay-interval user-property"
		;;
	esac
	if [[ -z $words && $cur == -* ]]; then
		words="
		--topic
		--message
		--file
		--stdin-file
		--stdin-line
		--null-message
		--qos
		--retain
		--repeat
		--repeat-delay
		--reconnect-time
		--host
		--port
		--url
		--srv
		--follow-redirects
		--bind-address
		--username
		--pw
		--auth-method
		--reauth-interval
		--id
		--id-prefix
		--connect-timeout
		--nodelay --no-nodelay
		--tcp-keepalive
		--reconnect --no-reconnect
		--reconnect-delay
		--reconnect-max-delay
		--reconnect-tries
		--unix
		--proxy
		--proxy-env
		--ws
		--ws-path
		--ws-header
		--cafile
		--capath
		--tls-use-os-certs
		--insecure
		--cert
		--key
		--key-password-file
		--keyform
		--tls-crl
		--tls-server-name
		--tls-version
		--tls-max-version
		--ciphers
		--tls-ciphersuites
		--tls-alpn
		--psk
		--psk-identity
		--tls-keylog
		--tls-kernel
		--tls-engine
		--tls-engine-kpass-sha1
		--no-tls
		--store
		--protocol-version
		--keepalive
		--disable-clean-session
		--session-expiry-interval
		--max-inflight
		--property
		--will-topic
		--will-payload
		--will-qos
		--will-retain
		--debug
		--explain
		--quiet
		--help
		--version"
	fi
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
}

complete -F _mqpub mqpub
