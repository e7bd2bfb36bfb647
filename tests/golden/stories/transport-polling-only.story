downbeat trace 2 {}
# A client that stays on polling: a GET waits until there is something to say, a POST is answered
# at once, and what comes while no GET waits is kept for the next.
> get 1
? respond 1 200 0{"sid":"{sid 1}","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000,"maxPayload":65536}
+10 > post 2 &sid={sid 1}
! respond
+5 > body 2 40
? respond 2 200 ok
+1 > get 3 &sid={sid 1}
? respond 3 200 40{"sid":"{id 1}"}
+1 > get 4 &sid={sid 1}&t=abc
! respond
# Two packets in one body, and their answers in one response.
+100 > post 5 &sid={sid 1}
> body 5 420["session:create",{"name":"Ada"}]␞421["session:update",{"instrument":"tuba"}]
? respond 4 200 42["session:created"
? ␞430[{"ok":true,"roomCode"
? ␞431[{"ok":true}]
? respond 5 200 ok
+1 > get 6 &sid={sid 1}
> deadline
? respond 6 200 2
+10 > post 7 &sid={sid 1}
> body 7 3
# Nobody waits for what Bob brings; it is there when the GET comes.
> websocket 8
> text 8 40
> text 8 42["session:join",{"roomCode":"{room 1}","name":"Bob"}]
> text 8 42["session:event",{"type":"hi"}]
! respond
+10 > get 9 &sid={sid 1}
? respond 9 200 42["session:user-joined"
? ␞42["session:event",{"userId":"{id 8}","type":"hi"}]
