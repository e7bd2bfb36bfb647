downbeat trace 2 {}
# What is no packet closes the session; the POST is answered with ok all the same, and the GET with
# a close. Packets before the bad one count, those after it do not.
> get 1
> get 2 &sid={sid 1}
+10 > post 3 &sid={sid 1}
> body 3 40␞42["session:create",{"name":"Ada"}]␞hello␞42["session:create",{"name":"Eve"}]
? respond 3 200 ok
? 42["session:created"
? ␞1
! Eve
? parse error

# An empty body.
> get 4
> get 5 &sid={sid 4}
> post 6 &sid={sid 4}
> body 6
? respond 6 200 ok
? respond 5 200 1
# An empty packet between two others.
> get 7
> get 8 &sid={sid 7}
> post 9 &sid={sid 7}
> body 9 40␞␞40
? ␞1
# A ping, which only servers send.
> get 10
> get 11 &sid={sid 10}
> post 12 &sid={sid 10}
> body 12 2
? respond 11 200 1
? transport error
# Bytes that are not UTF-8, and broken base64.
> get 13
> get 14 &sid={sid 13}
> post 15 &sid={sid 13}
> body 15 {"base64":"NP8="}
? respond 14 200 1
> get 16
> get 17 &sid={sid 16}
> post 18 &sid={sid 16}
> body 18 bAQI
? respond 17 200 1
# Open, upgrade and noop mean nothing from a client, and do no harm.
> get 19
> get 20 &sid={sid 19}
> post 21 &sid={sid 19}
> body 21 0␞5␞6␞3␞40
? respond 20 200 40
