downbeat trace 2 {"maxMessagesPerSecond":10}
# The packets in a POST are handled at a pace. What is too much for now waits, and the answer with
# it; a second POST meanwhile ends the session as ever.
> get 1
> post 2 &sid={sid 1}
> body 2 40
? respond 2 200 ok
+1000 > post 3 &sid={sid 1}
> body 3 42["session:create",{"name":"Ada"}]␞3␞42["session:leave",{"roomCode":"MUSIC-42"}]
? session created
! respond 3
+100 > deadline
! respond 3
+100 > deadline
? respond 3 200 ok
> get 4 &sid={sid 1}
? respond 4 200
+1000 > post 5 &sid={sid 1}
> body 5 3␞3␞3
> post 6 &sid={sid 1}
? respond 6 400
? cut 5
? client disconnected
