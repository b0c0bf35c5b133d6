# fish completion for mqpub; generated from its options

complete -c mqpub -f
complete -c mqpub -s t -l topic -x -d 'topic to publish to'
complete -c mqpub -s m -l message -x -d 'send this text'
complete -c mqpub -s f -l file -r -F -d 'send the contents of a file'
complete -c mqpub -s s -l stdin-file -d 'send all of standard input as one message'
complete -c mqpub -s l -l stdin-line -d 'send each line of standard input as a message'
complete -c mqpub -s n -l null-message -d 'send an empty message'
complete -c mqpub -s q -l qos -x -d 'quality of service'
complete -c mqpub -s r -l retain -d 'let the broker retain the message'
complete -c mqpub -l repeat -x -d 'send the message this often'
complete -c mqpub -l repeat-delay -x -d 'wait between repeated messages'
complete -c mqpub -s h -l host -x -a '(__fish_print_hostnames)' -d 'broker to connect to'
complete -c mqpub -s p -l port -x -d 'port of the broker (1883)'
complete -c mqpub -s L -l url -x -d 'broker, credentials and topic in one'
complete -c mqpub -s A -l bind-address -x -a '(__fish_print_hostnames)' -d 'local address to connect from'
complete -c mqpub -s u -l username -x -d 'user name for the broker'
complete -c mqpub -s P -l pw -x -d 'password for the broker'
complete -c mqpub -s i -l id -x -d 'client id (the broker assigns one)'
complete -c mqpub -s I -l id-prefix -x -d 'client id: this and the process id'
complete -c mqpub -l connect-timeout -x -d 'limit for one attempt to connect'
complete -c mqpub -l nodelay -d 'send small packets at once (TCP_NODELAY)'
complete -c mqpub -l no-nodelay -d 'do not: send small packets at once (TCP_NODELAY)'
complete -c mqpub -l tcp-keepalive -x -d 'probe an idle connection by TCP'
complete -c mqpub -l reconnect -d 'connect again after a lost connection'
complete -c mqpub -l no-reconnect -d 'do not: connect again after a lost connection'
complete -c mqpub -l reconnect-delay -x -d 'longest wait before the first new attempt'
complete -c mqpub -l reconnect-max-delay -x -d 'longest wait before any new attempt'
complete -c mqpub -l reconnect-tries -x -d 'attempts before giving up (0: no limit)'
complete -c mqpub -s V -l protocol-version -x -a 'auto 5 mqttv5 311 mqttv311 31 mqttv31' -d 'MQTT version: auto, 5, 311 or 31'
complete -c mqpub -s k -l keepalive -x -d 'longest silence on the connection (0: off)'
complete -c mqpub -s c -l disable-clean-session -d 'resume the session, and let the broker keep it'
complete -c mqpub -s x -l session-expiry-interval -x -d 'how long the broker keeps the session'
complete -c mqpub -s M -l max-inflight -x -d 'most QoS 1 and 2 messages awaiting an answer'
complete -c mqpub -s D -l property -x -a 'connect publish subscribe unsubscribe disconnect will' -d 'add an MQTT 5 property to a packet'
complete -c mqpub -l will-topic -x -d 'topic of the will'
complete -c mqpub -l will-payload -x -d 'payload of the will (empty)'
complete -c mqpub -l will-qos -x -d 'QoS of the will: 0, 1 or 2'
complete -c mqpub -l will-retain -d 'have the will retained'
complete -c mqpub -s d -l debug -d 'tell every packet on stderr'
complete -c mqpub -l quiet -d 'no messages on stderr but usage errors'
complete -c mqpub -l help -d 'print the options of a group, or of all'
complete -c mqpub -n 'test (commandline -opc)[-1] = --help' -a 'all publish connection session general'
complete -c mqpub -l version -d 'print the version'

function __mqpub_property_of
	set -l words (commandline -opc)
	test (count $words) -ge 3
	and contains -- $words[-2] -D --property
	and test $words[-1] = $argv[1]
end

complete -c mqpub -n '__mqpub_property_of connect' -a 'session-expiry-interval authentication-method authentication-data request-problem-information request-response-information receive-maximum topic-alias-maximum user-property maximum-packet-size'
complete -c mqpub -n '__mqpub_property_of publish' -a 'payload-format-indicator message-expiry-interval content-type response-topic correlation-data topic-alias user-property'
complete -c mqpub -n '__mqpub_property_of subscribe' -a 'subscription-identifier user-property'
complete -c mqpub -n '__mqpub_property_of unsubscribe' -a 'user-property'
complete -c mqpub -n '__mqpub_property_of disconnect' -a 'session-expiry-interval reason-string user-property'
complete -c mqpub -n '__mqpub_property_of will' -a 'payload-format-indicator message-expiry-interval content-type response-topic correlation-data will-delay-interval user-property'
