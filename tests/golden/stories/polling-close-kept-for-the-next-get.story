downbeat trace 2 {}
# The server closes a session while no GET waits. What was sent before is kept for the next GET and
# the close for the one after that, since clients obey a close before they have handled what came
# with it. Then the session is unknown.
> get 1
> post 2 &sid={sid 1}
> body 2 40
> get 3 &sid={sid 1}
+10 > post 4 &sid={sid 1}
> body 4 42["session:create",{"name":"Ada"}]␞42{}
? respond 4 200 ok
? protocol error
? "session closed"
# A POST that comes meanwhile is let pass, for its answer is in the GET.
+10 > post 5 &sid={sid 1}
? respond 5 200 ok
+5000 > get 6 &sid={sid 1}
? respond 6 200 42["session:created"
! ␞1
+10 > get 7 &sid={sid 1}
? respond 7 200 1
! wait 
+10 > get 8 &sid={sid 1}
? respond 8 400 {"code":1
